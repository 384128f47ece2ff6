import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { AUTH0, AUTHING, at, DOORS, type Door, NATIVE } from '../../support/dialects.js';
import { json } from '../../support/http.js';
import { ATLAS, LIBRARY, useLibrary } from '../../support/library.js';
import { aClient, aResource, type TestClient } from '../../support/registration.js';

const library = useLibrary();
let client: TestClient;

beforeAll(async () => {
  client = await aClient(library.server)
    .withTokens({ token_format: 'jwt' })
    .withGrant('book:*:*', 'page:*:*', 'map:*:zoom', 'diary:*:read')
    .register();
});

const target = (error_description: string) => ({ error: 'invalid_target', error_description });
const notFound = (audience: string) => target(`no resource has the audience ${audience}`);
const notAllowed = (audience: string) => target(`the client may not ask for the audience ${audience}`);
const denied = (error_description: string) => ({ error: 'access_denied', error_description });
const serviceNotFound = (audience: string) => denied(`Service not found: ${audience}`);
const unauthorized = (audience: string) =>
  denied(
    `Client is not authorized to access "${audience}". You need to create a "client-grant" associated to this API. ` +
      'See: https://auth0.com/docs/api/v2#!/Client_Grants/post_client_grants',
  );

const audOf = async (door: Door, asker: TestClient, fields: Record<string, string | string[]>) =>
  decodeJwt(await asker.token(door, fields)).aud;

describe.each(DOORS)('The audience of a token at the $name door', (door) => {
  const refused = at(door, { native: 400, auth0: 403, authing: 400 });

  it('is the one asked for, as a string, by audience or by resource (J06, RFC 8707 2)', async () => {
    expect(await audOf(door, client, { audience: LIBRARY, scope: 'book:1:read' })).toBe(LIBRARY);
    expect(await audOf(door, client, { resource: LIBRARY, scope: 'book:1:read' })).toBe(LIBRARY);
    const both = { audience: LIBRARY, resource: LIBRARY, scope: 'book:1:read' };
    expect(await audOf(door, client, both)).toBe(LIBRARY);
    expect(await audOf(door, client, { ...both, resource: [LIBRARY, LIBRARY] })).toBe(LIBRARY);
  });

  it('is a list when several resources are named, each once, in the order asked (T29, RFC 8707 2)', async () => {
    const fields = { resource: [ATLAS, LIBRARY, ATLAS], scope: 'book:1:read zoom' };
    expect(await audOf(door, client, fields)).toEqual([ATLAS, LIBRARY]);
    const inJson = await json(
      library.server.url + door.token,
      { grant_type: 'client_credentials', ...fields },
      client.basic,
    );
    expect(decodeJwt(inJson.body.access_token).aud).toEqual([ATLAS, LIBRARY]);
  });

  it('refuses a resource beside an audience that says something else (RFC 8707 2)', async () => {
    for (const resource of [[ATLAS], [LIBRARY, ATLAS]]) {
      const answer = await client.ask(door, { audience: LIBRARY, resource, scope: 'book:1:read' });
      expect(answer.status).toBe(400);
      expect(answer.body).toEqual({
        error: 'invalid_request',
        error_description: 'resource and audience name different audiences',
      });
    }
  });

  it.each(['foo', 'https://nobody.example/', 'https://x.example/#fragment', 'URN:LIBRARY', 'urn:library/'])(
    'refuses the resource %s, which nobody registered (T28, RFC 8707 2)',
    async (resource) => {
      const answer = await client.ask(door, { resource, scope: 'book:1:read' });
      expect(answer.status).toBe(refused);
      expect(answer.body).toEqual(
        at(door, {
          native: notFound(resource),
          auth0: serviceNotFound(resource),
          authing: notFound(resource),
        }),
      );
    },
  );

  it('refuses all when one of several resources is unknown (T28, RFC 8707 2)', async () => {
    const answer = await client.ask(door, { resource: [LIBRARY, 'urn:nobody'], scope: 'book:1:read' });
    expect(answer.status).toBe(refused);
    expect(answer.body.error).toBe(
      at(door, { native: 'invalid_target', auth0: 'access_denied', authing: 'invalid_target' }),
    );
  });

  it('refuses a resource with a fragment although it is registered (T28, RFC 8707 2)', async () => {
    await aResource(library.server, `fragment-${door.name}`, ['read'], {
      audience: `https://${door.name}.example/#x`,
    });
    const resource = `https://${door.name}.example/#x`;
    const one = await aClient(library.server).withEverything().register();
    const scope = 'read';
    expect((await one.ask(door, { audience: resource, scope })).status).toBe(200);
    expect((await one.ask(door, { resource, scope })).status).toBe(refused);
  });

  it('is refused when it is registered but no policy of the client is on it', async () => {
    const stranger = await aClient(library.server).withGrant('book:1:read', '!map:*:*').register();
    for (const name of ['audience', 'resource']) {
      const answer = await stranger.ask(door, { [name]: ATLAS, scope: 'zoom' });
      expect(answer.status).toBe(refused);
      expect(answer.body).toEqual(
        at(door, { native: notAllowed(ATLAS), auth0: unauthorized(ATLAS), authing: notAllowed(ATLAS) }),
      );
    }
  });

  it('is covered by a rule on one of its resources, or on *, whatever the operation', async () => {
    for (const rule of ['page:7:turn', '*:1:read', '*:*:*']) {
      const one = await aClient(library.server).withGrant(rule).register();
      const answer = await one.ask(door, {
        audience: LIBRARY,
        scope: rule === 'page:7:turn' ? rule : 'book:1:read',
      });
      expect(answer.status, rule).toBe(200);
    }
  });

  it("must be in the client's own list where it has one", async () => {
    const listed = await aClient(library.server)
      .withTokens({ audience: [ATLAS] })
      .withEverything()
      .register();
    expect((await listed.ask(door, { audience: ATLAS, scope: 'zoom' })).status).toBe(200);
    for (const name of ['audience', 'resource']) {
      const answer = await listed.ask(door, { [name]: LIBRARY, scope: 'book:1:read' });
      expect(answer.status).toBe(refused);
      expect(answer.body).toEqual(
        at(door, { native: notAllowed(LIBRARY), auth0: unauthorized(LIBRARY), authing: notAllowed(LIBRARY) }),
      );
    }
  });

  it('limits the items that are granted to those of its resources', async () => {
    const answer = await client.ask(door, {
      audience: LIBRARY,
      scope: 'book:1:read map:1:zoom diary:read zoom',
    });
    expect(answer.status).toBe(at(door, { native: 200, auth0: 403, authing: 200 }));
    expect(answer.body.rejected_scope ?? answer.body.error_description).toBe(
      at(door, {
        native: 'map:1:zoom diary:read zoom',
        auth0: 'Client has not been granted scopes: map:1:zoom, diary:read, zoom',
        authing: 'map:1:zoom diary:read zoom',
      }),
    );
  });

  it('reads what equals the name of an operation of its resources as that operation', async () => {
    const geo = await aClient(library.server).withGrant('map:*:geocode:location').register();
    expect((await geo.ask(door, { audience: ATLAS, scope: 'geocode:location' })).body.scope).toBe(
      'geocode:location',
    );
    const pages = await aClient(library.server).withGrant('page:*:*', 'book:1:*').register();
    const { body } = await pages.ask(door, { audience: LIBRARY, scope: 'turn' });
    expect(body.scope).toBe('turn');
    const shared = await pages.ask(door, { audience: LIBRARY, scope: 'read' });
    expect(shared.body.scope ?? '').toBe('');
  });

  it('may be the own one of the server, which needs no policy at the native door only', async () => {
    const { own } = library;
    const nobody = await aClient(library.server).withTokens({ token_format: 'jwt' }).register();
    const answer = await nobody.ask(door, {
      audience: own,
      scope: at(door, { native: '', auth0: '', authing: 'x' }),
    });
    expect(answer.status).toBe(at(door, { native: 200, auth0: 403, authing: 400 }));
    expect(answer.body.error).toBe(
      at(door, { native: undefined, auth0: 'access_denied', authing: 'invalid_target' }),
    );
    for (const name of ['audience', 'resource']) {
      expect(await audOf(door, client, { [name]: own, scope: 'diary:read' })).toBe(own);
    }
  });
});

describe('The audience of a token for which none was asked', () => {
  it('is derived at the native door: those of the granted items, else the own one of the server', async () => {
    const { own } = library;
    expect(await audOf(NATIVE, client, { scope: 'book:1:read page:turn' })).toBe(LIBRARY);
    expect(await audOf(NATIVE, client, { scope: 'map:zoom book:1:read' })).toEqual([ATLAS, LIBRARY]);
    expect(await audOf(NATIVE, client, { scope: 'book:1:read diary:read' })).toEqual([LIBRARY, own]);
    expect(await audOf(NATIVE, client, { scope: 'book:1:read ghost:read' })).toBe(LIBRARY);
    expect(await audOf(NATIVE, client, {})).toBe(own);
  });

  it('takes nothing from an item on *', async () => {
    const all = await aClient(library.server).withTokens({ token_format: 'jwt' }).withEverything().register();
    expect(await audOf(NATIVE, all, { scope: '*' })).toBe(library.own);
    expect(await audOf(NATIVE, all, { scope: '*:read map:zoom' })).toBe(ATLAS);
  });

  it('is the first of the list of the client at the native door, and counts as asked', async () => {
    const listed = await aClient(library.server)
      .withTokens({ audience: [ATLAS, LIBRARY], token_format: 'jwt' })
      .withEverything()
      .register();
    const { body } = await listed.ask(NATIVE);
    expect(decodeJwt(body.access_token).aud).toBe(ATLAS);
    expect(body.scope).toBe('zoom geocode:location');
    const other = await listed.ask(NATIVE, { scope: 'book:1:read zoom' });
    expect(other.body.scope).toBe('zoom');
    expect(other.body.rejected_scope).toBe('book:1:read');
  });

  it('is the client itself at the authing door, which takes no default', async () => {
    const listed = await aClient(library.server)
      .withTokens({ audience: [ATLAS] })
      .withEverything()
      .register();
    for (const [one, granted] of [
      [client, 'book:1:read diary:read'],
      [listed, 'map:1:zoom'],
    ] as const) {
      const { body } = await one.ask(AUTHING, { scope: granted });
      expect(body.scope).toBe(granted);
      expect(decodeJwt(body.access_token).aud).toBe(one.id);
    }
  });

  it('is required at the auth0 door, also of a client that has a default', async () => {
    const listed = await aClient(library.server)
      .withTokens({ audience: [ATLAS] })
      .withEverything()
      .register();
    const { status, body } = await listed.ask(AUTH0, { scope: 'zoom' });
    expect(status).toBe(403);
    expect(body).toEqual(denied('Non-global clients are not allowed access to APIv1'));
  });
});
