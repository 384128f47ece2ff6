import { randomUUID } from 'node:crypto';
import { decodeJwt } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import { admin } from '../../../support/admin.js';
import { NATIVE } from '../../../support/dialects.js';
import { form } from '../../../support/http.js';
import { ATLAS, LIBRARY, useLibrary } from '../../../support/library.js';
import {
  aClient,
  aResource,
  regrant,
  storeOperations,
  type TestClient,
} from '../../../support/registration.js';

const library = useLibrary({ env: { LATCHKEY_UNREGISTERED_AUDIENCE: 'allow' } });

const refreshing = (...rules: string[]) =>
  aClient(library.server)
    .withTokens({ refresh_token: true, token_format: 'jwt' })
    .withGrant(...rules)
    .register();

const refresh = (one: TestClient, refresh_token: string, scope = '', more: Record<string, string> = {}) =>
  one.post(NATIVE, { grant_type: 'refresh_token', refresh_token, scope, ...more });

const outside = {
  error: 'invalid_scope',
  error_description: 'scope contains an item outside the original grant',
};

describe('The scope of a refreshed token', () => {
  it('is the original one when none is requested (F03, RFC 6749 6)', async () => {
    const client = await refreshing('book:*:*', 'page:*:*');
    const { refresh_token } = (await client.ask(NATIVE, { scope: 'page:1:turn book:1:read' })).body;
    const { body } = await refresh(client, refresh_token);
    expect(body.scope).toBe('page:1:turn book:1:read');
    expect(decodeJwt(body.access_token).scope).toBe('page:1:turn book:1:read');
  });

  it('may be narrowed, which does not narrow later ones (F04, RFC 6749 6)', async () => {
    const client = await refreshing('book:*:*', 'page:*:*');
    const first = (await client.ask(NATIVE, { scope: 'page:*:turn book:1:read' })).body;
    const narrow = (await refresh(client, first.refresh_token, 'page:7:turn')).body;
    expect(narrow.scope).toBe('page:7:turn');
    expect(decodeJwt(narrow.access_token).scope).toBe('page:7:turn');
    const wide = (await refresh(client, narrow.refresh_token, 'book:1:read page:8:turn')).body;
    expect(wide.scope).toBe('book:1:read page:8:turn');
    const whole = (await refresh(client, wide.refresh_token)).body;
    expect(whole.scope).toBe('page:*:turn book:1:read');
  });

  it.each([
    'book:2:read',
    'book:*:read',
    'book:1:*',
    'book:1:write',
    'map:zoom',
    '*',
    'page:*:*',
    'ghost:1:read',
    'a::b',
    'turn',
    'page:1:turn book:2:read',
  ])('is never wider: asking for %s uses nothing up (F03, RFC 6749 6)', async (scope) => {
    const client = await refreshing('*:*:*');
    const { refresh_token } = (await client.ask(NATIVE, { scope: 'book:1:read page:*:turn' })).body;
    const refused = await refresh(client, refresh_token, scope);
    expect(refused.status).toBe(400);
    expect(refused.body).toEqual(outside);
    const { status, body } = await refresh(client, refresh_token);
    expect(status).toBe(200);
    expect(body.scope).toBe('book:1:read page:*:turn');
  });

  it('is refused, and nothing is used up, when its characters are outside the syntax (RFC 6749 3.3)', async () => {
    const client = await refreshing('*:*:*');
    const { refresh_token } = (await client.ask(NATIVE, { scope: 'book:1:read' })).body;
    expect((await refresh(client, refresh_token, 'a"b')).body.error).toBe('invalid_scope');
    expect((await refresh(client, refresh_token)).status).toBe(200);
  });

  it('reads a bare name as the operation on each resource of the audience that has it', async () => {
    const client = await refreshing('book:*:read', 'page:*:read', 'page:*:turn');
    const { body } = await client.ask(NATIVE, { audience: LIBRARY });
    expect(body.scope).toBe('read turn');
    const narrow = (await refresh(client, body.refresh_token, 'book:1:read page:3:turn')).body;
    expect(narrow.scope).toBe('book:1:read page:3:turn');
    expect((await refresh(client, narrow.refresh_token, 'write')).body).toEqual(outside);
    const whole = (await refresh(client, narrow.refresh_token, 'turn read')).body;
    expect(whole.scope).toBe('turn read');
    expect(decodeJwt(whole.access_token).aud).toBe(LIBRARY);
  });

  it('may be any item in a family without scope, one by one and each time anew', async () => {
    const client = await refreshing('diary:*:read', 'book:1:read');
    const first = (await client.ask(NATIVE)).body;
    expect(first).not.toHaveProperty('scope');
    const narrow = (await refresh(client, first.refresh_token, 'diary:1:read')).body;
    expect(narrow.scope).toBe('diary:1:read');
    const other = (await refresh(client, narrow.refresh_token, 'book:1:read diary:write')).body;
    expect(other.scope).toBe('book:1:read');
    expect(other.rejected_scope).toBe('diary:write');
    const none = (await refresh(client, other.refresh_token)).body;
    expect(none).not.toHaveProperty('scope');
    expect(decodeJwt(none.access_token)).toMatchObject({ aud: library.own });
  });

  it('loses and reports the items that the policies no longer grant', async () => {
    const client = await refreshing('book:1:read', 'page:*:turn', 'map:*:zoom');
    const first = (await client.ask(NATIVE, { scope: 'page:1:turn book:1:read map:zoom' })).body;
    await regrant(library.server, client, 'page:*:turn', 'map:*:zoom', '!map:13:*');
    const second = (await refresh(client, first.refresh_token)).body;
    expect(second.scope).toBe('page:1:turn');
    expect(second.rejected_scope).toBe('book:1:read map:zoom');
    expect(decodeJwt(second.access_token).aud).toBe(LIBRARY);
  });

  it('gets them back when they are granted again: the original grant is that of the first token', async () => {
    const client = await refreshing('book:1:read', 'page:*:turn');
    const first = (await client.ask(NATIVE, { scope: 'page:1:turn book:1:read' })).body;
    await regrant(library.server, client, 'page:*:turn');
    const second = (await refresh(client, first.refresh_token)).body;
    await regrant(library.server, client, 'page:*:turn', 'book:*:*');
    const third = (await refresh(client, second.refresh_token)).body;
    expect([second.scope, third.scope]).toEqual(['page:1:turn', 'page:1:turn book:1:read']);
  });

  it('grants nothing beyond the original grant when the policies grow', async () => {
    const client = await refreshing('book:1:read');
    const { refresh_token } = (await client.ask(NATIVE, { scope: 'book:1:read page:turn' })).body;
    await regrant(library.server, client, '*:*:*');
    expect((await refresh(client, refresh_token, 'page:turn')).body).toEqual(outside);
    expect((await refresh(client, refresh_token)).body.scope).toBe('book:1:read');
  });

  it('is invalid_grant when all of it is lost', async () => {
    const client = await refreshing('book:1:read');
    const { refresh_token } = (await client.ask(NATIVE, { scope: 'book:1:read' })).body;
    await admin(library.server).delete(`/AccessPolicy/${client.id}`);
    const { status, body } = await refresh(client, refresh_token);
    expect(status).toBe(400);
    expect(body).toEqual({
      error: 'invalid_grant',
      error_description: 'no item of the original grant is granted any more',
    });
  });

  it('follows no change of the audience of a resource', async () => {
    const client = await refreshing('map:*:zoom');
    const first = (await client.ask(NATIVE, { audience: ATLAS })).body;
    const { body } = await refresh(client, first.refresh_token, '', { audience: ATLAS });
    expect(body.scope).toBe('zoom');
    expect(decodeJwt(body.access_token).aud).toBe(ATLAS);
  });

  it('contains only the items of the requested audiences, without narrowing later refreshes (F15, RFC 8707 2.2)', async () => {
    const client = await refreshing('map:*:*', 'book:*:*', 'page:*:*');
    const { refresh_token } = (
      await client.ask(NATIVE, { resource: [LIBRARY, ATLAS], scope: 'zoom book:1:read' })
    ).body;
    const fewer = await refresh(client, refresh_token, '', { resource: ATLAS });
    expect([fewer.status, fewer.body.scope, fewer.body.rejected_scope]).toEqual([200, 'zoom', 'book:1:read']);
    expect(decodeJwt(fewer.body.access_token)).toMatchObject({ aud: ATLAS, scope: 'zoom' });
    const again = (await refresh(client, fewer.body.refresh_token)).body;
    expect(decodeJwt(again.access_token)).toMatchObject({ aud: [LIBRARY, ATLAS], scope: 'zoom book:1:read' });
  });

  it('keeps derived audiences on refresh and derives none from * (F15, RFC 8707 2.2)', async () => {
    const client = await refreshing('*:*:*');
    const first = (await client.ask(NATIVE, { scope: 'map:zoom book:1:read *' })).body;
    expect(decodeJwt(first.access_token).aud).toEqual([ATLAS, LIBRARY]);
    const { body } = await refresh(client, first.refresh_token, '', { resource: LIBRARY });
    expect([body.scope, body.rejected_scope]).toEqual(['book:1:read', 'map:zoom *']);
    expect(decodeJwt(body.access_token)).toMatchObject({ aud: LIBRARY, scope: 'book:1:read' });
    expect((await refresh(client, body.refresh_token)).body.scope).toBe('map:zoom book:1:read *');
  });

  it('rejects an audience without items as invalid_scope and keeps the refresh token (F15, RFC 8707 2.2)', async () => {
    const client = await refreshing('map:*:*', 'book:*:*');
    const { refresh_token } = (await client.ask(NATIVE, { resource: [LIBRARY, ATLAS], scope: 'book:1:read' }))
      .body;
    for (const scope of ['', 'book:1:read']) {
      const refused = await refresh(client, refresh_token, scope, { resource: ATLAS });
      expect([refused.status, refused.body.error]).toEqual([400, 'invalid_scope']);
    }
    expect((await refresh(client, refresh_token)).body.scope).toBe('book:1:read');
  });

  it('interprets a bare name by the remaining audiences, within the original grant (F15, RFC 8707 2.2)', async () => {
    const operation = `op-${randomUUID()}`;
    const [here, there] = [`here-${randomUUID()}`, `there-${randomUUID()}`];
    const { server } = library;
    await aResource(server, here, [operation], { audience: `urn:${here}` });
    await aResource(server, there, [operation], { audience: `urn:${there}` });
    // A name that is also a resource is refused when it is written: this one was stored earlier.
    await storeOperations(server, there, [operation, here]);
    const client = await refreshing(`${here}:*:*`, `${there}:*:*`);
    const both = { resource: [`urn:${here}`, `urn:${there}`], scope: `${operation} ${here}` };
    const first = (await client.ask(NATIVE, both)).body;
    expect(first.scope).toBe(`${operation} ${here}`);
    // Where its operation is gone, the second name is a whole resource, which was granted with it.
    const { body } = await refresh(client, first.refresh_token, '', { resource: `urn:${here}` });
    expect([body.scope, body.rejected_scope]).toEqual([`${operation} ${here}`, undefined]);
    await regrant(server, client, `${here}:*:${operation}`);
    const left = (await refresh(client, body.refresh_token, '', { resource: `urn:${here}` })).body;
    expect([left.scope, left.rejected_scope]).toEqual([operation, here]);
  });
});

describe.each(['jwt', 'opaque'])(
  'A client that may no longer ask for an audience, with %s tokens',
  (token_format) => {
    const lost = {
      error: 'invalid_grant',
      error_description: 'no item of the original grant is granted any more',
    };
    let client: TestClient;
    let url: string;

    beforeEach(async () => {
      url = library.server.url;
      client = await aClient(library.server)
        .withTokens({ refresh_token: true, token_format })
        .withGrant('book:*:*', 'page:*:*', 'map:*:*')
        .register();
    });

    const listing = async (audience: string[] | null) => {
      const patch = { auth: { client_credentials: { audience } } };
      expect((await admin(library.server).patch(`/Client/${client.id}`, patch)).status).toBe(200);
    };
    const introspected = async (token: string) =>
      (await form(`${url}/auth/introspect`, { token }, client.basic)).body;

    it.each<[string, Record<string, string | string[]>]>([
      ['asked for', { audience: LIBRARY, scope: 'book:1:read' }],
      ['derived from the scope', { scope: 'book:1:read' }],
      ['of a whole grant', { audience: LIBRARY }],
      ['that no resource has', { audience: 'urn:elsewhere' }],
      ['of a session without scope', {}],
    ])('gets none by a refresh, %s: it is decided again (F13, RFC 6749 6)', async (_what, fields) => {
      const { refresh_token } = (await client.ask(NATIVE, fields)).body;
      expect((await introspected(refresh_token)).active).toBe(true);
      await listing([ATLAS]);
      expect(await introspected(refresh_token)).toEqual({ active: false });
      const refused = await refresh(client, refresh_token);
      expect([refused.status, refused.body]).toEqual([400, lost]);
      // Nothing is used up: the registration may become again what it was.
      await listing(null);
      expect((await introspected(refresh_token)).active).toBe(true);
      expect((await refresh(client, refresh_token)).status).toBe(200);
    });

    it.each<[string, Record<string, string | string[]>]>([
      ['asked for', { resource: [LIBRARY, ATLAS], scope: 'zoom book:1:read' }],
      ['derived', { scope: 'map:*:zoom book:1:read' }],
    ])(
      'keeps those of several that are left, %s, and their items (F15, RFC 8707 2.2)',
      async (_what, fields) => {
        const first = (await client.ask(NATIVE, fields)).body;
        await listing([ATLAS]);
        const zoom = first.scope.split(' ')[0];
        expect(await introspected(first.refresh_token)).toMatchObject({
          active: true,
          aud: ATLAS,
          scope: zoom,
        });
        const gone = await refresh(client, first.refresh_token, '', { resource: LIBRARY });
        expect([gone.status, gone.body.error]).toEqual([400, 'invalid_target']);
        const { body } = await refresh(client, first.refresh_token);
        expect([body.scope, body.rejected_scope]).toEqual([zoom, 'book:1:read']);
        expect(await introspected(body.access_token)).toMatchObject({
          active: true,
          aud: ATLAS,
          scope: zoom,
        });
        await listing([LIBRARY]);
        const other = (await refresh(client, body.refresh_token)).body;
        expect([other.scope, other.rejected_scope]).toEqual(['book:1:read', zoom]);
        await listing(null);
        const whole = (await refresh(client, other.refresh_token)).body;
        expect(whole.scope).toBe(first.scope);
        expect(new Set((await introspected(whole.access_token)).aud)).toEqual(new Set([LIBRARY, ATLAS]));
      },
    );
  },
);
