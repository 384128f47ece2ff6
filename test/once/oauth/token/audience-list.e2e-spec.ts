import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import { admin } from '../../../support/admin.js';
import { AUTHING, NATIVE } from '../../../support/dialects.js';
import { bearer, get } from '../../../support/http.js';
import { ATLAS, LIBRARY, useLibrary } from '../../../support/library.js';
import { aClient } from '../../../support/registration.js';

const library = useLibrary();

const listing = (audience: string[]) =>
  aClient(library.server).withTokens({ audience, token_format: 'jwt' }).withEverything().register();

const verify = async (token: string, query: string) =>
  (await get(`${library.server.url}/auth/verify?${query}`, bearer(token))).status;

describe('The audience list of a client', () => {
  it('limits the items of a request without an audience in the authing dialect (fault A8)', async () => {
    const client = await listing([ATLAS]);
    const scope = 'map:1:zoom diary:1:read book:1:read * *:*:read Client:*:read';
    const { status, body } = await client.ask(AUTHING, { scope });
    expect([status, body.scope, body.rejected_scope]).toEqual([
      200,
      'map:1:zoom',
      'diary:1:read book:1:read * *:*:read Client:*:read',
    ]);
    expect(decodeJwt(body.access_token)).toMatchObject({ aud: client.id, scope: 'map:1:zoom' });
  });

  it('grants items of the own audience in the authing dialect only where it holds it (fault A8)', async () => {
    const client = await listing([library.own]);
    const { body } = await client.ask(AUTHING, { scope: 'diary:1:read map:1:zoom' });
    expect([body.scope, body.rejected_scope]).toEqual(['diary:1:read', 'map:1:zoom']);
  });

  it('gives no derived audience where it is empty (fault A8)', async () => {
    const client = await listing([]);
    const unscoped = await client.ask(NATIVE);
    expect([unscoped.status, unscoped.body]).toEqual([
      400,
      {
        error: 'invalid_target',
        error_description: `the client may not request the audience ${library.own}`,
      },
    ]);
    for (const scope of ['diary:1:read', 'book:1:read', '*']) {
      const { status, body } = await client.ask(NATIVE, { scope });
      expect([status, body.error, body.rejected_scope]).toEqual([400, 'invalid_scope', scope]);
    }
    const { body } = await client.ask(AUTHING, { scope: 'diary:1:read *' });
    expect([body.scope, body.rejected_scope]).toEqual(['', 'diary:1:read *']);
  });

  it('rejects a refresh once the audience list is empty (fault A8)', async () => {
    const client = await aClient(library.server)
      .withTokens({ refresh_token: true })
      .withGrant('diary:*:read')
      .register();
    const { refresh_token } = (await client.ask(NATIVE, { scope: 'diary:1:read' })).body;
    await admin(library.server).patch(`/Client/${client.id}`, {
      auth: { client_credentials: { audience: [] } },
    });
    const { status, body } = await client.post(NATIVE, { grant_type: 'refresh_token', refresh_token });
    expect([status, body.error]).toEqual([400, 'invalid_grant']);
  });
});

describe('The aud of a token at /auth/verify', () => {
  it('must hold the audience of the resource, the own audience of the server included (fault A8)', async () => {
    const client = await aClient(library.server).withEverything().register();
    const ownId = await client.token(AUTHING, { scope: 'diary:1:read book:1:read' });
    expect(decodeJwt(ownId).aud).toBe(client.id);
    expect(await verify(ownId, 'scope=diary:1:read')).toBe(403);
    expect(await verify(ownId, 'scope=book:1:read')).toBe(403);
    const own = await client.token(AUTHING, { audience: library.own, scope: 'diary:1:read' });
    expect(await verify(own, 'scope=diary:1:read')).toBe(200);
    const derived = await client.token(NATIVE, { scope: 'book:1:read diary:1:read' });
    expect(await verify(derived, 'scope=book:1:read&scope=diary:1:read')).toBe(200);
    const both = await client.token(NATIVE, { resource: [LIBRARY, library.own], scope: 'diary:1:read' });
    expect(await verify(both, 'scope=diary:1:read')).toBe(200);
  });

  it('must hold every audience where the item reaches every resource (fault A8)', async () => {
    const client = await aClient(library.server).withEverything().register();
    const all = await client.token(NATIVE, { scope: '*' });
    expect(await verify(all, 'scope=diary:1:read')).toBe(200);
    expect(await verify(all, 'scope=*')).toBe(403);
    const everywhere = await client.token(NATIVE, { scope: '* book:read map:zoom diary:read' });
    expect(await verify(everywhere, 'scope=*')).toBe(200);
  });
});
