import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { request } from '../../support/http.js';
import { startServer, type TestServer } from '../../support/server.js';

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
  "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.stop());

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(server.url + path, { headers: { 'accept-encoding': 'identity', ...headers } });

async function script(): Promise<string> {
  const [, found] = /src="([^"]+\.js)"/.exec(await (await get('/console')).text()) ?? [];
  return found as string;
}

describe('The console', () => {
  it('is one document at every address of a page, with a policy that permits nothing inline', async () => {
    const documents = await Promise.all(
      ['/console', '/console/', '/console/clients/api-client?after=x'].map(async (path) => {
        const { status, headers } = await get(path);
        expect(status).toBe(200);
        expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
        expect(headers.get('content-security-policy')).toBe(POLICY);
        expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
        expect(headers.get('cache-control')).toBe('no-cache');
        expect(headers.get('set-cookie')).toBeNull();
        return headers.get('etag');
      }),
    );
    expect(new Set(documents).size).toBe(1);
    const text = await (await get('/console')).text();
    expect(text).not.toMatch(/<style|style=|<script(?![^>]*\bsrc=)|\son\w+=/);
  });

  it('serves files whose names contain a digest, cached for a year', async () => {
    const { status, headers } = await get(await script());
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
  });

  it('answers a document that the browser has with 304', async () => {
    const etag = (await get('/console')).headers.get('etag') as string;
    const { status, headers } = await get('/console', { 'if-none-match': etag });
    expect(status).toBe(304);
    expect(headers.get('content-security-policy')).toBe(POLICY);
  });

  it.each([
    ['gzip, deflate, br', 'br'],
    ['gzip', 'gzip'],
  ])('is compressed as Accept-Encoding %s permits', async (accepted, coding) => {
    const plain = await (await get(await script())).text();
    const answer = await request(server.url + (await script()), { headers: { 'accept-encoding': accepted } });
    expect(answer.headers.get('content-encoding')).toBe(coding);
    expect(answer.headers.get('vary')).toBe('accept-encoding');
    expect(Number(answer.headers.get('content-length'))).toBeLessThan(plain.length / 2);
    expect(answer.text).toBe(plain);
  });

  it.each(['assets/none.js', 'assets/', 'assets/%2e%2e%2findex.html', 'assets/..%2f..%2fpackage.json'])(
    'has no file %s',
    async (name) => {
      const answer = await request(`${server.url}/console/${name}`);
      expect([answer.status, answer.body.error]).toEqual([404, 'invalid_request']);
    },
  );

  it('takes GET and HEAD only', async () => {
    expect((await request(`${server.url}/console`, { method: 'HEAD' })).status).toBe(200);
    const answer = await request(`${server.url}/console`, { method: 'POST' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('is not found at all with LATCHKEY_CONSOLE=off', async () => {
    const file = await script();
    await server.restart({ LATCHKEY_CONSOLE: 'off' });
    for (const path of ['/console', '/console/', '/console/clients', file]) {
      const answer = await request(server.url + path);
      expect([answer.status, answer.body.error]).toEqual([404, 'invalid_request']);
    }
  });
});
