import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NATIVE } from '../../support/dialects.js';
import { type EchoApi, startEchoApi } from '../../support/echo-api.js';
import type { Gateway } from '../../support/gateway.js';
import { bearer, get, raw, request } from '../../support/http.js';
import { ATLAS, LIBRARY, READ_BOOK_1, useLibrary } from '../../support/library.js';
import { aClient, aResource, regrant } from '../../support/registration.js';
import type { GatewayUnderTest } from './gateway-under-test.js';

const READ_BOOKS = { audience: LIBRARY, scope: 'book:*:read' };

/** What every gateway that asks /auth/verify shows, with a real Latchkey behind it. */
export function describeDecisions(subject: GatewayUnderTest): void {
  describe.each(['opaque', 'jwt'])(`${subject.name} asks Latchkey about an %s token`, (format) => {
    const library = useLibrary();
    let api: EchoApi;
    let gateway: Gateway;

    beforeAll(async () => {
      api = await startEchoApi();
      gateway = await subject.start({ latchkey: library.server.port, api: api.port });
    });
    afterAll(async () => {
      await gateway?.stop();
      await api?.stop();
    });
    beforeEach(() => {
      api.seen.length = 0;
    });

    const at = (path: string) => gateway.url + path;
    const client = () =>
      aClient(library.server).withTokens({ token_format: format }).withGrant('book:*:read').register();
    const readToken = async () => (await client()).token(NATIVE, READ_BOOKS);
    const closed = () => expect(api.seen).toEqual([]);

    it("forwards a request with the scope, with the client's identity and without the token", async () => {
      const reader = await client();
      const answer = await get(at('/books?page=2&scope=x'), bearer(await reader.token(NATIVE, READ_BOOKS)));
      expect(answer.status).toBe(200);
      const { url, headers } = answer.body;
      expect(url).toBe('/books?page=2&scope=x');
      expect(headers).toMatchObject({ 'x-client-id': reader.id, 'x-scope': 'book:*:read' });
      expect(headers['x-session-id']).toMatch(/^[0-9a-f-]{36}$/);
      expect(headers).not.toHaveProperty('authorization');
    });

    it('replaces identity headers sent by the caller, in any spelling', async () => {
      const reader = await client();
      const forged = { 'X-Client-Id': 'root', 'x-scope': '*', 'X-Scope-Omitted': 'x', 'X-Session-Id': 'x' };
      const underscored = { X_Client_Id: 'root', x_scope: '*', 'X_Session-ID': 'x', 'x-session_id': 'x' };
      const headers = { ...bearer(await reader.token(NATIVE, READ_BOOKS)), ...forged, ...underscored };
      const { body } = await get(at('/books'), headers);
      expect(body.headers).toMatchObject({ 'x-client-id': reader.id, 'x-scope': 'book:*:read' });
      expect(body.headers['x-session-id']).not.toBe('x');
      expect(body.headers).not.toHaveProperty('x-scope-omitted');
      expect(Object.keys(body.headers).filter((name) => name.includes('_'))).toEqual([]);
    });

    it('forwards neither forged headers nor a token where no scope is required', async () => {
      const forged = { 'X-Client-Id': 'root', 'X-Scope': '*', 'X-Session-Id': 'x', X_Client_Id: 'root' };
      const { status, body } = await get(at('/health'), { ...bearer(await readToken()), ...forged });
      expect(status).toBe(200);
      const names = Object.keys(body.headers).filter((name) => /^(authorization$|x[-_][cs])/.test(name));
      expect(names).toEqual([]);
    });

    it('sends no scope header when the session has none', async () => {
      // Without a scope a session opens only what belongs to the server's own audience.
      await aResource(library.server, 'book', ['read', 'write']);
      try {
        const token = await (await client()).token(NATIVE);
        const { status, body } = await get(at('/books'), { ...bearer(token), 'X-Scope': '*' });
        expect(status).toBe(200);
        expect(body.headers).toHaveProperty('x-client-id');
        expect(body.headers).not.toHaveProperty('x-scope');
      } finally {
        await aResource(library.server, 'book', ['read', 'write'], { audience: LIBRARY });
      }
    });

    it('rejects a request that the scope does not permit, and forwards the challenge', async () => {
      const headers = bearer(await readToken());
      const answer = await request(at('/books'), { method: 'POST', body: '{}', headers });
      expect(answer.status).toBe(403);
      expect(answer.headers.get('www-authenticate')).toMatch(
        /^Bearer .*error="insufficient_scope".*scope="book:\*:write"$/,
      );
      closed();
    });

    it('rejects a token for another audience', async () => {
      const traveller = aClient(library.server).withTokens({ token_format: format }).withEverything();
      const token = await (await traveller.register()).token(NATIVE, { scope: '*', audience: '' });
      expect((await get(at('/books'), bearer(token))).status).toBe(403);
      const mapReader = aClient(library.server).withGrant('map:*:zoom').register();
      const mapToken = await (await mapReader).token(NATIVE, { audience: ATLAS, scope: 'map:1:zoom' });
      expect((await get(at('/books'), bearer(mapToken))).status).toBe(403);
      closed();
    });

    it('challenges a caller without a token', async () => {
      const answer = await get(at('/books'));
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="latchkey", scope="book:*:read"');
      closed();
    });

    it('serves the metadata of the API, and names it in its challenges (RFC 9728)', async () => {
      const uri = `${gateway.url}/`;
      await aResource(library.server, 'book', ['read', 'write'], { audience: LIBRARY, uri });
      try {
        const secrets = { ...bearer('some-token'), cookie: 'a=b' };
        const { status, body, headers } = await get(at('/.well-known/oauth-protected-resource'), secrets);
        expect([status, body]).toEqual([
          200,
          { resource: uri, authorization_servers: [library.own], bearer_methods_supported: ['header'] },
        ]);
        expect(headers.get('access-control-allow-origin')).toBe('*');
        const metadata = `${library.server.publicUrl}/.well-known/oauth-protected-resource/Resource/book`;
        const named = new RegExp(`resource_metadata="${metadata}", scope="book:\\*:write"$`);
        for (const [headers, code] of [
          [{}, 401],
          [bearer(await readToken()), 403],
        ] as const) {
          const refused = await request(at('/books'), { method: 'POST', body: '{}', headers });
          expect(refused.status).toBe(code);
          expect(refused.headers.get('www-authenticate')).toMatch(named);
        }
        closed();
      } finally {
        await aResource(library.server, 'book', ['read', 'write'], { audience: LIBRARY });
      }
    });

    it('rejects an unknown token', async () => {
      const answer = await get(at('/books'), bearer(`${(await readToken()).slice(0, -2)}xx`));
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer .*error="invalid_token"/);
      closed();
    });

    it('takes the identifier of the scope from the path', async () => {
      const headers = bearer(await (await client()).token(NATIVE, READ_BOOK_1));
      expect((await get(at('/books/1'), headers)).status).toBe(200);
      expect((await get(at('/books/2'), headers)).status).toBe(403);
      expect((await get(at('/books'), headers)).status).toBe(403);
      expect(api.seen.map(({ url }) => url)).toEqual(['/books/1']);
    });

    it.each(['/health/../books', '/books/../health', '/health/%2e%2e/books', '/books/1%2f..%2f2', '//books'])(
      'rejects %s, which the gateway and the API may parse differently',
      async (path) => {
        const head = `Host: localhost\r\nAuthorization: Bearer ${await readToken()}\r\nConnection: close`;
        const text = await raw(gateway.port, `GET ${path} HTTP/1.1\r\n${head}\r\n\r\n`);
        expect(text.split(' ')[1]).toBe(String(subject.ambiguous));
        closed();
      },
    );

    it.each(['/', '/BOOKS', '/books/', '/books/1/pages', '/books/1&scope=x', '/books/1%26audience=x', '/x'])(
      'rejects %s, for which there is no rule',
      async (path) => {
        expect((await get(at(path), bearer(await readToken()))).status).toBe(404);
        closed();
      },
    );

    it.each(['OPTIONS', 'PROPFIND'])('rejects the method %s, for which there is no rule', async (method) => {
      const headers = bearer(await readToken());
      expect((await request(at('/books'), { method, headers })).status).toBe(403);
      closed();
    });

    it('rejects a closed session immediately', async () => {
      const headers = bearer(await readToken());
      expect((await get(at('/books'), headers)).status).toBe(200);
      const close = await request(`${library.server.url}/Session`, { method: 'DELETE', headers });
      expect(close.status).toBe(204);
      expect((await get(at('/books'), headers)).status).toBe(401);
    });

    it('applies a changed policy immediately', async () => {
      const reader = await client();
      const headers = bearer(
        await reader.token(NATIVE, { audience: LIBRARY, scope: 'book:*:read book:1:read' }),
      );
      expect((await get(at('/books'), headers)).status).toBe(200);
      await regrant(library.server, reader, 'book:1:read');
      expect((await get(at('/books'), headers)).status).toBe(403);
      expect((await get(at('/books/1'), headers)).body.headers['x-scope']).toBe('book:1:read');
    });

    it('forwards a body of 1 MB completely', async () => {
      const writer = aClient(library.server).withTokens({ token_format: format }).withGrant('book:*:write');
      const token = await (await writer.register()).token(NATIVE, {
        audience: LIBRARY,
        scope: 'book:*:write',
      });
      const body = randomBytes(1024 * 1024);
      const sha256 = createHash('sha256').update(body).digest('hex');
      const headers = bearer(token);
      const sized = await request(at('/books'), { method: 'POST', body, headers });
      expect(sized.body).toMatchObject({ method: 'POST', bytes: body.length, sha256 });
      const stream = new Blob([body]).stream();
      const chunked = await request(at('/books'), {
        method: 'PUT',
        body: stream,
        headers,
        duplex: 'half',
      } as object);
      expect(chunked.body).toMatchObject({ method: 'PUT', bytes: body.length, sha256 });
    });

    it('accepts every token and every X-Scope that Latchkey issues, with default buffers (fault B9)', async () => {
      const items = Array.from({ length: 300 }, (_, index) => `book:a-longer-identifier-${index}:read`);
      const holder = await client();
      const largest = format === 'jwt' ? 140 : 300;
      // The header has at most 3 KiB: what is longer is left out, never cut.
      for (const [count, isTold] of [
        [90, true],
        [largest, false],
      ] as const) {
        const scope = items.slice(0, count).join(' ');
        const token = await holder.token(NATIVE, { audience: LIBRARY, scope });
        const { status, body } = await get(at('/books/a-longer-identifier-7'), bearer(token));
        expect([status, body.headers['x-scope']]).toEqual([200, isTold ? scope : undefined]);
      }
      expect((await get(at('/books'), bearer('a'.repeat(15_000)))).status).toBe(401);
    });

    it('rejects every request while Latchkey is down, and recovers afterwards', async () => {
      const headers = bearer(await readToken());
      expect((await get(at('/books'), headers)).status).toBe(200);
      api.seen.length = 0;
      await library.server.kill();
      try {
        for (let attempt = 0; attempt < 3; attempt++) {
          expect((await get(at('/books'), headers)).status).toBe(subject.unavailable);
        }
        closed();
      } finally {
        await library.server.restart();
      }
      await expect.poll(async () => (await get(at('/books'), headers)).status, { timeout: 15_000 }).toBe(200);
    });
  });
}
