import { generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../../support/admin.js';
import { AUTH0, AUTHING, NATIVE } from '../../support/dialects.js';
import { basic, bearer, get, raw, request } from '../../support/http.js';
import { READ_BOOK_1, useLibrary } from '../../support/library.js';
import { aClient, type TestClient } from '../../support/registration.js';

const library = useLibrary();
let client: TestClient;

const BASIC_CHALLENGE = 'Basic realm="latchkey", charset="UTF-8"';
const INVALID_TOKEN =
  'Bearer realm="latchkey", error="invalid_token", ' +
  'error_description="the access token is unknown, expired, closed or not issued for this server"';

beforeAll(async () => {
  client = await aClient(library.server)
    .withTokens({ token_format: 'jwt' })
    .withGrant('Client:client-x:read', 'book:1:read', 'diary:*:read')
    .register();
});

/** The same header, with the published kid, and the same claims under an unpublished key. */
async function signedByAnother(header: string, claims: JWTPayload): Promise<string> {
  const known = JSON.parse(Buffer.from(header, 'base64url').toString());
  const { privateKey } = await generateKeyPair(known.alg);
  return new SignJWT(claims).setProtectedHeader(known).sign(privateKey);
}

const url = (path: string) => library.server.url + path;
const ask = (path: string, headers: Record<string, string> = {}) => get(url(path), headers);

describe('A request to the administrator’s REST', () => {
  it('answers a request without credentials 401 with a challenge without an error (E09, RFC 6750 3.1)', async () => {
    for (const headers of [{}, { authorization: 'Digest x' }, { authorization: 'Token abc' }]) {
      const answer = await ask('/Client', headers);
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toBe(`Bearer realm="latchkey", ${BASIC_CHALLENGE}`);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(answer.body).not.toHaveProperty('error');
    }
  });

  it.each([
    ['nothing', 'Bearer'],
    ['a word', 'Bearer x'],
    ['two words', 'Bearer a b'],
    ['an opaque value that is not ours', `Bearer lka_${'A'.repeat(70)}`],
    ['a JWT that is not ours', 'Bearer eyJhbGciOiJub25lIn0.eyJqdGkiOiJ4In0.'],
    ['five parts', 'Bearer a.b.c.d.e'],
    ['a very long value', `Bearer ${'a'.repeat(10_000)}`],
  ])('answers %s as a token 401 invalid_token (E09, RFC 6750 3.1)', async (_what, authorization) => {
    const answer = await ask('/Client', { authorization });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe(`${INVALID_TOKEN}, ${BASIC_CHALLENGE}`);
    expect(answer.body.error).toBe('invalid_token');
  });

  it('answers a token without the permission 403 insufficient_scope with the missing scope (E09, RFC 6750 3.1)', async () => {
    const token = await client.token(NATIVE);
    const answer = await ask('/Client/root', bearer(token));
    expect(answer.status).toBe(403);
    expect(answer.headers.get('www-authenticate')).toBe(
      'Bearer realm="latchkey", error="insufficient_scope", ' +
        'error_description="the caller lacks Client:root:read", scope="Client:root:read"',
    );
    expect((await ask('/Client/client-x', bearer(token))).status).toBe(404);
  });

  it('accepts the scheme in any case with several spaces, and JWTs as well as opaque tokens', async () => {
    const opaque = await aClient(library.server).register();
    for (const token of [await client.token(NATIVE), await opaque.token(NATIVE)]) {
      for (const scheme of ['Bearer', 'bearer', 'BEARER', 'Bearer  ']) {
        expect((await ask('/Session', { authorization: `${scheme} ${token}` })).status).toBe(200);
      }
    }
  });

  it('accepts no token from the query or the body (E10, RFC 6750 2)', async () => {
    const token = await client.token(NATIVE);
    const inAddress = await ask(`/Session?access_token=${token}`);
    expect(inAddress.status).toBe(401);
    expect(inAddress.text).not.toContain(token);
    const inBody = await request(url('/Session'), {
      method: 'DELETE',
      body: `access_token=${token}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(inBody.status).toBe(401);
    expect((await ask('/Session', bearer(token))).status).toBe(200);
  });

  it('rejects a request that sends a token in more than one way (E10, RFC 6750 3.1)', async () => {
    const token = await client.token(NATIVE);
    const both = await ask(`/Session?access_token=${token}`, bearer(token));
    expect(both.status).toBe(400);
    expect(both.headers.get('www-authenticate')).toContain('error="invalid_request"');
    const line = `Authorization: Bearer ${token}\r\n`;
    const twice = await raw(
      library.server.port,
      `GET /Session HTTP/1.1\r\nHost: x\r\n${line}${line}Connection: close\r\n\r\n`,
    );
    expect(twice).toContain('HTTP/1.1 400 Bad Request');
    expect(twice).toContain('error="invalid_request"');
  });

  it('rejects a token with a changed claim, signature or algorithm (J15, RFC 8725 3.1, python-jose#419)', async () => {
    const token = await client.token(NATIVE);
    const [header, payload, signature] = token.split('.') as [string, string, string];
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const forged = [
      `${header}.${payload}.`,
      `${header}.${payload}.${signature.slice(0, -4)}AAAA`,
      `${header}.${encode({ ...claims, exp: claims.exp + 3600 })}.${signature}`,
      `${header}.${encode({ ...claims, client_id: 'root', sub: 'root' })}.${signature}`,
      `${encode({ alg: 'none' })}.${payload}.`,
      `${encode({ alg: 'HS256', typ: 'at+jwt' })}.${payload}.${signature}`,
      `${encode({ alg: 'none' })}.${encode({ jti: claims.jti })}.`,
      await signedByAnother(header, claims),
    ];
    for (const value of forged) {
      expect((await ask('/Session', bearer(value))).status, value).toBe(401);
      expect((await request(url('/Session'), { method: 'DELETE', headers: bearer(value) })).status).toBe(401);
    }
    expect((await ask('/Session', bearer(token))).status).toBe(200);
  });

  it('rejects an expired token in every encoding (J15, RFC 9068 4)', async () => {
    const endings = ['jwt', 'opaque'].map((token_format) =>
      aClient(library.server).withTokens({ token_format, access_token_expiration: 1 }).register(),
    );
    const tokens = await Promise.all(endings.map(async (one) => (await one).token(NATIVE)));
    await new Promise((resolve) => setTimeout(resolve, 1200));
    for (const token of tokens) {
      const answer = await ask('/Session', bearer(token));
      expect([answer.status, answer.body.error]).toEqual([401, 'invalid_token']);
    }
  });

  it('accepts only tokens whose aud contains the own audience of the server (J15, RFC 9068 4)', async () => {
    const { own } = library;
    const list = async (token: string) => (await ask('/Session', bearer(token))).status;
    expect(await list(await client.token(NATIVE))).toBe(200);
    expect(await list(await client.token(NATIVE, { audience: own }))).toBe(200);
    expect(await list(await client.token(AUTH0, { audience: own }))).toBe(200);
    expect(
      await list(await client.token(NATIVE, { resource: ['urn:library', own], scope: 'book:1:read' })),
    ).toBe(200);
    const listing = await aClient(library.server)
      .withTokens({ audience: ['http://resource.server.com'] })
      .register();
    for (const token of [
      await client.token(NATIVE, READ_BOOK_1),
      await listing.token(NATIVE),
      await client.token(AUTH0, READ_BOOK_1),
      await client.token(AUTHING, { scope: 'diary:read' }),
    ]) {
      const answer = await ask('/Session', bearer(token));
      expect(answer.status).toBe(401);
      expect(answer.body.error).toBe('invalid_token');
    }
  });

  it('limits a session with a scope to that scope', async () => {
    const keeper = await aClient(library.server).withGrant('Client:*:read', 'Resource:*:read').register();
    const narrow = await keeper.token(NATIVE, { scope: 'Client:root:read' });
    expect((await ask('/Client/root', bearer(narrow))).status).toBe(200);
    expect((await ask('/Client', bearer(narrow))).status).toBe(403);
    expect((await ask('/Resource/book', bearer(narrow))).status).toBe(403);
    expect((await ask('/Resource/book', bearer(await keeper.token(NATIVE)))).status).toBe(200);
  });

  it('lets a session with an empty scope only close itself', async () => {
    const token = await client.token(AUTHING, { audience: library.own, scope: 'ghost:read' });
    for (const path of ['/Session', '/Client/client-x', '/Resource']) {
      expect((await ask(path, bearer(token))).status, path).toBe(403);
    }
    expect((await request(url('/Session'), { method: 'DELETE', headers: bearer(token) })).status).toBe(204);
  });

  it('accepts Basic only from clients whose grant types include basic', async () => {
    const caller = await aClient(library.server)
      .with({ grant_types: ['basic'] })
      .withGrant('Resource:*:read')
      .register();
    expect((await ask('/Resource/book', caller.basic)).status).toBe(200);
    for (const headers of [client.basic, basic(caller.id, 'wrong one'), basic('nobody', 'wrong one')]) {
      const answer = await ask('/Resource/book', headers);
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toBe(`Bearer realm="latchkey", ${BASIC_CHALLENGE}`);
      expect(answer.body.error).toBe('invalid_client');
    }
  });

  it('rejects a closed token at once, on every route (R11, RFC 7009 2, KC#15195)', async () => {
    const token = await client.token(NATIVE);
    expect((await request(url('/Session'), { method: 'DELETE', headers: bearer(token) })).status).toBe(204);
    for (const [method, path] of [
      ['GET', '/Session'],
      ['GET', '/Client/x'],
      ['POST', '/Client'],
      ['PUT', '/Resource/x'],
      ['DELETE', '/AccessPolicy/x'],
    ]) {
      const answer = await request(url(path as string), { method: method as string, headers: bearer(token) });
      expect(answer.status, `${method} ${path}`).toBe(401);
    }
    expect((await request(url('/Session'), { method: 'DELETE', headers: bearer(token) })).status).toBe(204);
  });

  it('never sends a cacheable response (H01, RFC 9111 5.2.2.5)', async () => {
    const made = await admin(library.server).post('/Client', { grant_types: ['client_credentials'] });
    expect(made.status).toBe(201);
    expect(made.body.secret).toMatch(/^lks_/);
    const answers = [
      made,
      await ask('/Client'),
      await ask('/Client/root', bearer('x')),
      await admin(library.server).get('/Client'),
    ];
    for (const { headers } of answers) expect(headers.get('cache-control')).toBe('no-store');
    expect((await admin(library.server).get(`/Client/${made.body.id}`)).body).not.toHaveProperty('secret');
  });
});
