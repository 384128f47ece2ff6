import { randomBytes } from 'node:crypto';
import { METHODS } from 'node:http';
import { beforeAll, describe, expect, it } from 'vitest';
import { AUTHING, NATIVE } from '../../support/dialects.js';
import { basic, bearer, get, raw, request } from '../../support/http.js';
import { ATLAS, LIBRARY, READ_BOOK_1, useLibrary } from '../../support/library.js';
import { aClient, regrant, type TestClient } from '../../support/registration.js';

const library = useLibrary();
let reader: TestClient;

beforeAll(async () => {
  reader = await aClient(library.server).withGrant('book:1:read', 'book:2:read', 'diary:*:read').register();
});

/** `search` as it goes on the wire. */
const address = (search: string, path = '') => `${library.server.url}/auth/verify${path}?${search}`;
const readToken = () => reader.token(NATIVE, READ_BOOK_1);
const ask = async (search: string) => get(address(search), bearer(await readToken()));

const READ = 'scope=book:1:read';

describe.each(['opaque', 'jwt'])('/auth/verify and an %s token', (format) => {
  it('reports the client and the scope that is still granted', async () => {
    const client = await aClient(library.server)
      .withTokens({ token_format: format })
      .withGrant('book:1:read', 'book:2:read')
      .register();
    const token = await client.token(NATIVE, { audience: LIBRARY, scope: 'book:1:read book:2:read' });
    const { status, headers, text } = await get(address(READ), bearer(token));
    expect([status, text]).toEqual([200, '']);
    expect(headers.get('x-client-id')).toBe(client.id);
    expect(headers.get('x-scope')).toBe('book:1:read book:2:read');
    expect(headers.get('x-session-id')).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(headers.get('cache-control')).toBe('no-store');
    // nginx keeps a connection only if it knows that there is no body left on it.
    expect(headers.get('content-length')).toBe('0');
    await regrant(library.server, client, 'book:2:read');
    expect((await get(address('scope=book:2:read'), bearer(token))).headers.get('x-scope')).toBe(
      'book:2:read',
    );
    expect((await get(address(READ), bearer(token))).status).toBe(403);
    await request(`${library.server.url}/Session`, { method: 'DELETE', headers: bearer(token) });
    expect((await get(address('scope=book:2:read'), bearer(token))).status).toBe(401);
  });
});

describe('The request to /auth/verify', () => {
  it.each(METHODS.filter((method) => method !== 'CONNECT'))('accepts any method: %s', async (method) => {
    const { authorization } = bearer(await readToken());
    const lines = `Host: x\r\nAuthorization: ${authorization}\r\nConnection: close\r\n`;
    const target = `/auth/verify?${READ}`;
    const text = await raw(library.server.port, `${method} ${target} HTTP/1.1\r\n${lines}\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    expect(text).toContain(`x-client-id: ${reader.id}\r\n`);
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('ignores any body: %s', async (method) => {
    const headers = bearer(await readToken());
    const bodies: [string, string | Buffer<ArrayBuffer>][] = [
      ['application/json', '{'],
      ['application/x-www-form-urlencoded', 'scope=book:1:write&access_token=x'],
      ['text/plain; charset=no-such', 'x'],
      ['multipart/form-data', 'x'],
      ['application/octet-stream', randomBytes(1024 * 1024)],
    ];
    for (const [type, body] of bodies) {
      const init = { method, body, headers: { ...headers, 'content-type': type } };
      expect((await request(address(READ), init)).status).toBe(200);
    }
    const stream = { method, body: new Blob(['x'.repeat(200_000)]).stream(), headers, duplex: 'half' };
    expect((await request(address(READ), stream as RequestInit)).status).toBe(200);
  });

  it.each([
    '/',
    '/books',
    '/any/sub/path',
    '/any/sub/path/',
    '/a%2Fb',
    '/a%00b',
    '/%E2%82%AC',
    '/a;b,c',
    '/%ff',
    '/%zz',
    '/a%',
  ])('accepts any path below /auth/verify: %s', async (path) => {
    const headers = bearer(await readToken());
    expect((await get(address(READ, path), headers)).status).toBe(200);
    expect((await get(address('scope=book:1:write', path), headers)).status).toBe(403);
  });

  it('answers other paths 404', async () => {
    expect((await get(address(READ, 'ed'), bearer(await readToken()))).status).toBe(404);
  });

  it('requires a scope or an audience', async () => {
    for (const search of [
      '',
      'scope=',
      'scope=%20',
      'audience=',
      'scope[]=book:1:read',
      'Scope=book:1:read',
    ]) {
      const { status, body } = await ask(search);
      expect([search, status, body.error]).toEqual([search, 400, 'invalid_request']);
    }
  });

  it('rejects an unknown parameter at any path (fault E1)', async () => {
    for (const more of ['scopes=book:1:write', 'Scope=x', 'access_token=x', 'a.b', '_', '%D0%B0udience=x']) {
      for (const path of ['', '/books']) {
        const { status, body } = await get(address(`${READ}&${more}`, path), bearer(await readToken()));
        expect([more, status, body.error]).toEqual([more, 400, 'invalid_request']);
      }
    }
    const { body } = await ask(`${READ}&scopes=book:1:write`);
    expect(body.error_description).toBe(
      'the parameter scopes is not supported: use only scope, audience and claims',
    );
  });

  it('accepts no token from the query', async () => {
    const answer = await get(address(`${READ}&access_token=${await readToken()}`));
    expect(answer.status).toBe(401);
  });
});

describe('The scope at /auth/verify', () => {
  const both = { audience: LIBRARY, scope: 'book:1:read book:2:read' };

  it.each([
    `${READ}&scope=book:2:read`,
    'scope=book:1:read%20book:2:read',
    'scope=book:1:read+book:2:read',
    'scope=book%3A1%3Aread',
    '%73cope=book:1:rea%64',
    `${READ}&&`,
  ])('accepts a scope that is repeated, a list or percent-encoded: %s', async (search) => {
    const token = await reader.token(NATIVE, both);
    expect((await get(address(search), bearer(token))).status).toBe(200);
  });

  it.each([
    `${READ}&scope=book:2:read`,
    'scope=book:2:read+book:1:read',
    `${READ}%26x`,
    'scope=book%253A1%253Aread',
  ])('requires every item of the scope: %s', async (search) => {
    const { status, headers, body } = await ask(search);
    expect([status, body.error]).toEqual([403, 'insufficient_scope']);
    expect(headers.get('www-authenticate')).toMatch(
      /^Bearer realm="latchkey", error="insufficient_scope", error_description=".+", scope="[^" ]+"$/,
    );
  });

  it.each([
    'book:1:*',
    'book:*:read',
    'book',
    '*',
    'diary:1:read',
    'book::read',
    'book:1:',
    ':::',
    'nothing:1:read',
    'book:1:read:x',
    'Client:*:read',
    'b%25zz',
  ])('rejects a token without the item: %s', async (item) => {
    expect((await ask(`scope=${item}`)).status).toBe(403);
  });

  it.each(['%22', '%5C', '%0D%0AX-Client-Id:root', '%00', '%7F', '%C3%A9', 'a'.repeat(257)])(
    'rejects an invalid scope as an error of the gateway (RFC 6749 3.3): %s',
    async (item) => {
      const { status, headers, body } = await ask(`scope=book:1:read&scope=${item}`);
      expect([status, body.error]).toEqual([400, 'invalid_scope']);
      expect(headers.get('x-client-id')).toBeNull();
    },
  );

  it('accepts at most 2,000 items', async () => {
    const items = Array.from({ length: 2_001 }, (_, index) => `b${index}`);
    const { status, body } = await ask(`scope=${items.join('+')}`);
    expect([status, body.error]).toEqual([400, 'invalid_scope']);
  });

  it('names the audience where the token lacks an item because of it (fault E2)', async () => {
    const token = await reader.token(AUTHING, { scope: 'book:1:read' });
    const { status, body, headers } = await get(address(READ), bearer(token));
    const description = `the token was not issued for ${LIBRARY}, the audience of book:1:read`;
    expect([status, body.error_description]).toEqual([403, description]);
    expect(headers.get('www-authenticate')).toContain('scope="book:1:read"');
  });

  it('requires the named audience', async () => {
    const token = bearer(await readToken());
    const library = `audience=${encodeURIComponent(LIBRARY)}`;
    expect((await get(address(library), token)).status).toBe(200);
    expect((await get(address(`${READ}&${library}`), token)).status).toBe(200);
    for (const search of [`audience=${ATLAS}`, `${READ}&audience=${ATLAS}`, `${library}&audience=${ATLAS}`]) {
      const { status, headers } = await get(address(search), token);
      expect(status).toBe(403);
      expect(headers.get('www-authenticate')).toContain('error="insufficient_scope"');
    }
  });

  it('applies the policies to a session without a scope at the server’s own audience only', async () => {
    const token = bearer(await reader.token(NATIVE));
    const { status, headers } = await get(address('scope=diary:1:read'), token);
    expect([status, headers.get('x-client-id'), headers.get('x-scope')]).toEqual([200, reader.id, null]);
    expect((await get(address('scope=diary:1:write'), token)).status).toBe(403);
    expect((await get(address(READ), token)).status).toBe(403);
    expect((await get(address(`audience=${encodeURIComponent(library.own)}`), token)).status).toBe(200);
    const listing = aClient(library.server)
      .withTokens({ audience: ['urn:unregistered'] })
      .withGrant('diary:*:read');
    const elsewhere = await (await listing.register()).token(NATIVE);
    expect((await get(address('scope=diary:1:read'), bearer(elsewhere))).status).toBe(403);
    expect((await get(address('audience=urn:unregistered'), bearer(elsewhere))).status).toBe(200);
  });
});

describe('The token at /auth/verify', () => {
  it('challenges a request without a token', async () => {
    const { status, headers } = await get(address(READ));
    expect([status, headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer realm="latchkey", scope="book:1:read"',
    ]);
  });

  it.each(['Bearer', 'Bearer ', 'Bearer a b', 'Bearer é', 'Bearer "x"', 'Bearer ..', 'Bearer =='])(
    'rejects a malformed token: %s',
    async (authorization) => {
      const head = `Authorization: ${authorization}\r\nConnection: close`;
      const text = await raw(
        library.server.port,
        `GET /auth/verify?${READ} HTTP/1.1\r\nHost: x\r\n${head}\r\n\r\n`,
      );
      expect(text).toMatch(/^HTTP\/1\.1 401 /);
      expect(text).toMatch(/\r\nwww-authenticate: Bearer realm="latchkey", error="invalid_token"/i);
    },
  );

  it.each(['Token x', 'x'])(
    'challenges a request with another scheme: %s (RFC 6750 3.1)',
    async (authorization) => {
      const { status, headers } = await get(address(READ), { authorization });
      expect([status, headers.get('www-authenticate')]).toEqual([
        401,
        'Bearer realm="latchkey", scope="book:1:read"',
      ]);
    },
  );

  it('rejects Basic credentials', async () => {
    expect((await get(address(READ), reader.basic)).status).toBe(401);
    const { adminId, adminSecret } = library.server;
    expect((await get(address(READ), basic(adminId, adminSecret))).status).toBe(401);
  });

  it('rejects a second token in the header', async () => {
    const token = await readToken();
    for (const authorization of [`Bearer ${token}, Bearer ${token}`, `Bearer ${token} ${token}`]) {
      expect((await get(address(READ), { authorization })).status).toBe(401);
    }
    expect((await get(address(READ), { authorization: `bearer ${token}` })).status).toBe(200);
  });

  it('rejects 15 kB as a token and more than 16 kB as a header', async () => {
    for (const token of ['a'.repeat(15_000), `${'a'.repeat(7_500)}.${'b'.repeat(7_400)}.c`]) {
      const { status, body } = await get(address(READ), bearer(token));
      expect([status, body.error]).toEqual([401, 'invalid_token']);
    }
    expect((await get(address(READ), bearer('a'.repeat(17_000)))).status).toBe(431);
  });
});
