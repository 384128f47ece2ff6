import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { AUTH0, AUTHING, type Dialect, NATIVE } from '../../../support/dialects.js';
import { bearer, form, get } from '../../../support/http.js';
import { LIBRARY, useLibrary } from '../../../support/library.js';
import { aClient, aResource, register, regrant, type TestClient } from '../../../support/registration.js';

const BARE = 'urn:bare-api';

const library = useLibrary();
let reader: TestClient;

beforeAll(async () => {
  reader = await aClient(library.server).register();
  const introspection_clients = [{ resourceType: 'Client', id: reader.id }];
  await aResource(library.server, 'bare', [], { audience: BARE, introspection_clients });
});

const aBearer = (token_format: string) =>
  aClient(library.server).withTokens({ token_format, refresh_token: true });
const verify = async (token: string) =>
  (await get(`${library.server.url}/auth/verify?audience=${BARE}`, bearer(token))).status;
const introspected = async (token: string) =>
  (await form(`${library.server.url}/auth/introspect`, { token }, reader.basic)).body;

describe.each([NATIVE, AUTH0])(
  'A token for an API without operations in the $name dialect',
  (dialect: Dialect) => {
    it.each([
      ['the engine allow', (one: ReturnType<typeof aBearer>) => one.withEverything()],
      ['a rule that names it', (one: ReturnType<typeof aBearer>) => one.withGrant('bare:*:*')],
      ['a rule on one identifier', (one: ReturnType<typeof aBearer>) => one.withGrant('bare:7:*')],
    ])('has an empty scope where a policy covers the audience by %s (fault E4)', async (_what, granted) => {
      const client = await granted(aBearer('jwt')).register();
      for (const fields of [{ audience: BARE }, { resource: BARE }, { audience: BARE, scope: ' ' }]) {
        const { status, body } = await client.ask(dialect, fields);
        expect([status, body.scope, body.rejected_scope]).toEqual([200, '', undefined]);
        expect(decodeJwt(body.access_token)).toMatchObject({ aud: BARE, scope: '' });
      }
    });

    it('is refused where no policy covers the audience (fault E4)', async () => {
      const client = await aBearer('jwt').withGrant('book:*:*').register();
      const { status, body } = await client.ask(dialect, { audience: BARE });
      expect([status, body.error]).toEqual(
        dialect === NATIVE ? [400, 'invalid_target'] : [403, 'access_denied'],
      );
    });

    it('is refused where a deny rule covers the whole resource, and ends with one (faults A2, E4)', async () => {
      const partly = await aBearer('jwt').withGrant('bare:*:*', '!bare:7:*').register();
      const token = await partly.token(dialect, { audience: BARE });
      expect(await verify(token)).toBe(200);
      await register(library.server, 'AccessPolicy', `no-bare-${partly.id}`, {
        engine: 'rules',
        link: [{ resourceType: 'Client', id: partly.id }],
        rules: [{ effect: 'deny', resource: 'bare', identifier: '*', operations: ['*'] }],
      });
      const { status } = await partly.ask(dialect, { audience: BARE });
      expect([status, await verify(token)]).toEqual([dialect === NATIVE ? 400 : 403, 403]);
    });

    it('is refused where a scope is asked for that is not granted (fault E4)', async () => {
      const client = await aBearer('jwt').withEverything().register();
      const { status, body } = await client.ask(dialect, { audience: BARE, scope: 'read' });
      expect([status, body.error]).toEqual(
        dialect === NATIVE ? [400, 'invalid_scope'] : [403, 'access_denied'],
      );
      expect((await client.ask(dialect, { audience: BARE, scope: 'bare' })).body.scope).toBe('bare');
    });

    it('is refused where the audience has operations and none is granted', async () => {
      const client = await aBearer('jwt').withGrant('page:*:turn', '!page:*:*').register();
      const { status } = await client.ask(dialect, { audience: LIBRARY });
      expect(status).toBe(dialect === NATIVE ? 400 : 403);
    });

    it.each(['jwt', 'opaque'])(
      'is reported to the API and to gateways while the audience is covered, as %s (fault E4)',
      async (format) => {
        const client = await aBearer(format).withGrant('bare:*:*').register();
        const token = await client.token(dialect, { audience: BARE });
        expect(await verify(token)).toBe(200);
        expect(await introspected(token)).toMatchObject({ active: true, scope: '', aud: BARE });
        await regrant(library.server, client, 'book:*:*');
        expect(await verify(token)).toBe(403);
        expect(await introspected(token)).toEqual({ active: false });
      },
    );
  },
);

describe('A token for an API without operations', () => {
  it('is refreshed while the audience is covered (fault E4)', async () => {
    const client = await aBearer('opaque').withGrant('bare:*:*').register();
    const { refresh_token } = (await client.ask(NATIVE, { audience: BARE })).body;
    const refresh = (token: string) =>
      client.post(NATIVE, { grant_type: 'refresh_token', refresh_token: token });
    const next = await refresh(refresh_token);
    expect([next.status, next.body.scope]).toEqual([200, '']);
    await regrant(library.server, client, 'book:*:*');
    expect((await refresh(next.body.refresh_token)).body.error).toBe('invalid_grant');
    await regrant(library.server, client, 'bare:*:*');
    expect((await refresh(next.body.refresh_token)).status).toBe(200);
  });

  it('reports rejected items in the authing dialect, where a scope is required (fault E4)', async () => {
    const client = await aBearer('jwt').withEverything().register();
    const { status, body } = await client.ask(AUTHING, { audience: BARE, scope: 'read bare' });
    expect([status, body.scope, body.rejected_scope]).toEqual([200, 'bare', 'read']);
  });
});
