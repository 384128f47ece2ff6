import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { AUTH0, AUTHING, at, DIALECTS, type Dialect, NATIVE } from '../../../support/dialects.js';
import { json } from '../../../support/http.js';
import { ATLAS, LIBRARY, useLibrary } from '../../../support/library.js';
import { aClient, aResource, type TestClient } from '../../../support/registration.js';

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
const notAllowed = (audience: string) => target(`the client may not request the audience ${audience}`);
const denied = (error_description: string) => ({ error: 'access_denied', error_description });
const serviceNotFound = (audience: string) => denied(`Service not found: ${audience}`);
const unauthorized = (audience: string) =>
  denied(
    `Client is not authorized to access "${audience}". You need to create a "client-grant" associated to this API. ` +
      'See: https://auth0.com/docs/api/v2#!/Client_Grants/post_client_grants',
  );

const audOf = async (dialect: Dialect, asker: TestClient, fields: Record<string, string | string[]>) =>
  decodeJwt(await asker.token(dialect, fields)).aud;

describe.each(DIALECTS)('The audience of a token in the $name dialect', (dialect) => {
  const refused = at(dialect, { native: 400, auth0: 403, authing: 400 });

  it('is the requested one, as a string, by audience or by resource (J06, RFC 8707 2)', async () => {
    expect(await audOf(dialect, client, { audience: LIBRARY, scope: 'book:1:read' })).toBe(LIBRARY);
    expect(await audOf(dialect, client, { resource: LIBRARY, scope: 'book:1:read' })).toBe(LIBRARY);
    const both = { audience: LIBRARY, resource: LIBRARY, scope: 'book:1:read' };
    expect(await audOf(dialect, client, both)).toBe(LIBRARY);
    expect(await audOf(dialect, client, { ...both, resource: [LIBRARY, LIBRARY] })).toBe(LIBRARY);
  });

  it('is a list when several resources are named, each once, in the order asked (T29, RFC 8707 2)', async () => {
    const fields = { resource: [ATLAS, LIBRARY, ATLAS], scope: 'book:1:read zoom' };
    expect(await audOf(dialect, client, fields)).toEqual([ATLAS, LIBRARY]);
    const inJson = await json(
      library.server.url + dialect.token,
      { grant_type: 'client_credentials', ...fields },
      client.basic,
    );
    expect(decodeJwt(inJson.body.access_token).aud).toEqual([ATLAS, LIBRARY]);
  });

  it('rejects a resource that differs from the audience (RFC 8707 2)', async () => {
    for (const resource of [[ATLAS], [LIBRARY, ATLAS]]) {
      const answer = await client.ask(dialect, { audience: LIBRARY, resource, scope: 'book:1:read' });
      expect(answer.status).toBe(400);
      expect(answer.body).toEqual({
        error: 'invalid_request',
        error_description: 'resource and audience name different audiences',
      });
    }
  });

  it.each(['foo', 'https://nobody.example/', 'https://x.example/#fragment', 'URN:LIBRARY', 'urn:library/'])(
    'rejects the unregistered resource %s (T28, RFC 8707 2)',
    async (resource) => {
      const answer = await client.ask(dialect, { resource, scope: 'book:1:read' });
      expect(answer.status).toBe(refused);
      expect(answer.body).toEqual(
        at(dialect, {
          native: notFound(resource),
          auth0: serviceNotFound(resource),
          authing: notFound(resource),
        }),
      );
    },
  );

  it('rejects all when one of several resources is unknown (T28, RFC 8707 2)', async () => {
    const answer = await client.ask(dialect, { resource: [LIBRARY, 'urn:nobody'], scope: 'book:1:read' });
    expect(answer.status).toBe(refused);
    expect(answer.body.error).toBe(
      at(dialect, { native: 'invalid_target', auth0: 'access_denied', authing: 'invalid_target' }),
    );
  });

  it('rejects a resource with a fragment although it is registered (T28, RFC 8707 2)', async () => {
    await aResource(library.server, `fragment-${dialect.name}`, ['read'], {
      audience: `https://${dialect.name}.example/#x`,
    });
    const resource = `https://${dialect.name}.example/#x`;
    const one = await aClient(library.server).withEverything().register();
    const scope = 'read';
    expect((await one.ask(dialect, { audience: resource, scope })).status).toBe(200);
    expect((await one.ask(dialect, { resource, scope })).status).toBe(refused);
  });

  it('is refused when it is registered but no policy of the client is on it', async () => {
    const stranger = await aClient(library.server).withGrant('book:1:read', '!map:*:*').register();
    for (const name of ['audience', 'resource']) {
      const answer = await stranger.ask(dialect, { [name]: ATLAS, scope: 'zoom' });
      expect(answer.status).toBe(refused);
      expect(answer.body).toEqual(
        at(dialect, { native: notAllowed(ATLAS), auth0: unauthorized(ATLAS), authing: notAllowed(ATLAS) }),
      );
    }
  });

  it('is covered by a rule on one of its resources, or on *, whatever the operation', async () => {
    for (const rule of ['page:7:turn', '*:1:read', '*:*:*']) {
      const one = await aClient(library.server).withGrant(rule).register();
      const answer = await one.ask(dialect, {
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
    expect((await listed.ask(dialect, { audience: ATLAS, scope: 'zoom' })).status).toBe(200);
    for (const name of ['audience', 'resource']) {
      const answer = await listed.ask(dialect, { [name]: LIBRARY, scope: 'book:1:read' });
      expect(answer.status).toBe(refused);
      expect(answer.body).toEqual(
        at(dialect, {
          native: notAllowed(LIBRARY),
          auth0: unauthorized(LIBRARY),
          authing: notAllowed(LIBRARY),
        }),
      );
    }
  });

  it('limits the items that are granted to those of its resources', async () => {
    const answer = await client.ask(dialect, {
      audience: LIBRARY,
      scope: 'book:1:read map:1:zoom diary:read zoom',
    });
    expect(answer.status).toBe(at(dialect, { native: 200, auth0: 403, authing: 200 }));
    expect(answer.body.rejected_scope ?? answer.body.error_description).toBe(
      at(dialect, {
        native: 'map:1:zoom diary:read zoom',
        auth0: 'Client has not been granted scopes: map:1:zoom, diary:read, zoom',
        authing: 'map:1:zoom diary:read zoom',
      }),
    );
  });

  it('interprets the name of an operation of its resources as that operation', async () => {
    const geo = await aClient(library.server).withGrant('map:*:geocode:location').register();
    expect((await geo.ask(dialect, { audience: ATLAS, scope: 'geocode:location' })).body.scope).toBe(
      'geocode:location',
    );
    const pages = await aClient(library.server).withGrant('page:*:*', 'book:1:*').register();
    const { body } = await pages.ask(dialect, { audience: LIBRARY, scope: 'turn' });
    expect(body.scope).toBe('turn');
    const shared = await pages.ask(dialect, { audience: LIBRARY, scope: 'read' });
    expect(shared.body.scope ?? '').toBe('');
  });

  it('may be the own one of the server, which needs no policy in the native dialect only', async () => {
    const { own } = library;
    const nobody = await aClient(library.server).withTokens({ token_format: 'jwt' }).register();
    const answer = await nobody.ask(dialect, {
      audience: own,
      scope: at(dialect, { native: '', auth0: '', authing: 'x' }),
    });
    expect(answer.status).toBe(at(dialect, { native: 200, auth0: 403, authing: 400 }));
    expect(answer.body.error).toBe(
      at(dialect, { native: undefined, auth0: 'access_denied', authing: 'invalid_target' }),
    );
    for (const name of ['audience', 'resource']) {
      expect(await audOf(dialect, client, { [name]: own, scope: 'diary:read' })).toBe(own);
    }
  });
});

describe('The audience of a token for which none was asked', () => {
  it('is derived in the native dialect: those of the granted items, else the own one of the server', async () => {
    const { own } = library;
    expect(await audOf(NATIVE, client, { scope: 'book:1:read page:turn' })).toBe(LIBRARY);
    expect(await audOf(NATIVE, client, { scope: 'map:zoom book:1:read' })).toEqual([ATLAS, LIBRARY]);
    expect(await audOf(NATIVE, client, { scope: 'book:1:read diary:read' })).toEqual([LIBRARY, own]);
    expect(await audOf(NATIVE, client, { scope: 'book:1:read ghost:read' })).toBe(LIBRARY);
    expect(await audOf(NATIVE, client, {})).toBe(own);
  });

  it('derives no audience from an item on *', async () => {
    const all = await aClient(library.server).withTokens({ token_format: 'jwt' }).withEverything().register();
    expect(await audOf(NATIVE, all, { scope: '*' })).toBe(library.own);
    expect(await audOf(NATIVE, all, { scope: '*:read map:zoom' })).toBe(ATLAS);
  });

  it('is the first of the list of the client in the native dialect, and counts as requested', async () => {
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

  it('is the client itself in the authing dialect, which takes no default', async () => {
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

  it('is required in the auth0 dialect, also of a client that has a default', async () => {
    const listed = await aClient(library.server)
      .withTokens({ audience: [ATLAS] })
      .withEverything()
      .register();
    const { status, body } = await listed.ask(AUTH0, { scope: 'zoom' });
    expect(status).toBe(403);
    expect(body).toEqual(denied('Non-global clients are not allowed access to APIv1'));
  });
});
