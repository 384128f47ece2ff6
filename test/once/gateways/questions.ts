import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type EchoApi, startEchoApi } from '../../support/echo-api.js';
import type { Gateway } from '../../support/gateway.js';
import { bearer, get, request } from '../../support/http.js';
import { type Question, startStubLatchkey } from '../../support/stub-latchkey.js';
import type { GatewayUnderTest } from './gateway-under-test.js';

const TOKEN = bearer('some-token');

const allow = (response: ServerResponse): void => {
  response.writeHead(200, { 'X-Client-Id': 'reader', 'X-Session-Id': 'session', 'Content-Length': 0 }).end();
};

/** What a gateway asks, and that no answer but a plain yes opens the API. */
export function describeQuestions(subject: GatewayUnderTest): void {
  describe(`A request of ${subject.name} to Latchkey`, () => {
    let answer = allow;
    let latchkey: Awaited<ReturnType<typeof startStubLatchkey>>;
    let api: EchoApi;
    let gateway: Gateway;

    beforeAll(async () => {
      latchkey = await startStubLatchkey((response) => answer(response));
      api = await startEchoApi();
      gateway = await subject.start({ latchkey: latchkey.port, api: api.port });
    });
    afterAll(async () => {
      await gateway?.stop();
      await api?.stop();
      await latchkey?.stop();
    });
    beforeEach(() => {
      answer = allow;
      api.seen.length = 0;
      latchkey.questions.length = 0;
    });

    const asked = (): Question => latchkey.questions[0] as Question;
    const scopesAsked = () =>
      latchkey.questions.map(({ url }) => [...new URL(url, 'http://latchkey').searchParams]);

    it('sends the token and the scope, without the body', async () => {
      const body = 'x'.repeat(100_000);
      const headers = { ...TOKEN, cookie: 'a=b', 'content-type': 'text/plain' };
      const { status } = await request(`${gateway.url}/books?scope=y&audience=z`, {
        method: 'POST',
        body,
        headers,
      });
      expect(status).toBe(200);
      expect(api.seen[0]).toMatchObject({ bytes: body.length });
      expect(latchkey.questions.length).toBe(1);
      expect(asked()).toMatchObject({ method: 'GET', bytes: 0 });
      expect(asked().headers).toMatchObject(TOKEN);
      for (const name of ['cookie', 'content-length', 'transfer-encoding']) {
        expect(asked().headers).not.toHaveProperty(name);
      }
      expect(asked().url.split('?')[0]).toBe('/auth/verify');
      expect(scopesAsked()).toEqual([[['scope', 'book:*:write']]]);
    });

    it('sends one scope, whatever the path contains', async () => {
      for (const path of ['/books/1', '/books/A.b_c-9', '/books/1?scope=*', '/books/1#x']) {
        expect((await get(gateway.url + path, TOKEN)).status).toBe(200);
      }
      const ids = ['1', 'A.b_c-9', '1', '1'];
      expect(scopesAsked()).toEqual(ids.map((id) => [['scope', `book:${id}:read`]]));
    });

    it('reuses its connections', async () => {
      for (let count = 0; count < 30; count++) await get(`${gateway.url}/books`, TOKEN);
      expect(latchkey.questions.length).toBe(30);
      const connections = new Set(latchkey.questions.map(({ connection }) => connection));
      expect(connections.size).toBeLessThanOrEqual(5);
    });

    it('checks each request anew, without caching', async () => {
      expect((await get(`${gateway.url}/books`, TOKEN)).status).toBe(200);
      answer = (response) => response.writeHead(401, { 'WWW-Authenticate': 'Bearer realm="latchkey"' }).end();
      expect((await get(`${gateway.url}/books`, TOKEN)).status).toBe(401);
    });

    it.each([302, 400, 404, 405, 415, 429, 431, 500, 502, 503])(
      'rejects the request when Latchkey answers %i',
      async (status) => {
        answer = (response) => response.writeHead(status, { Location: '/', 'X-Client-Id': 'root' }).end();
        const { status: reported } = await get(`${gateway.url}/books`, TOKEN);
        expect(reported).toBeGreaterThanOrEqual(300);
        expect(api.seen).toEqual([]);
      },
    );

    it('rejects the request when the connection is cut', async () => {
      answer = (response) => response.socket?.destroy();
      expect((await get(`${gateway.url}/books`, TOKEN)).status).toBe(subject.unavailable);
      expect(api.seen).toEqual([]);
    });

    it('rejects the request when Latchkey does not answer within seconds', async () => {
      answer = () => {};
      const start = Date.now();
      expect((await get(`${gateway.url}/books`, TOKEN)).status).toBeGreaterThanOrEqual(500);
      expect(Date.now() - start).toBeLessThan(12_000);
      expect(api.seen).toEqual([]);
    });
  });
}
