import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canBrowse, startBrowser } from '../support/browser.js';
import { NATIVE } from '../support/dialects.js';
import { basic, raw } from '../support/http.js';
import { useLibrary } from '../support/library.js';
import { freePort } from '../support/port.js';
import { aClient } from '../support/registration.js';

const LIMIT = 3;
const HOST = 'rebound.example';
const metricsPort = await freePort();
const library = useLibrary({
  env: {
    LATCHKEY_FAILURES_PER_MINUTE: String(LIMIT),
    LATCHKEY_ALLOWED_HOSTS: 'alias.example',
    LATCHKEY_METRICS_PORT: String(metricsPort),
  },
});

const DETAIL =
  'this Host is not one of this server: use that of LATCHKEY_PUBLIC_URL, or add it to LATCHKEY_ALLOWED_HOSTS';

const send = (line: string, headers: Record<string, string>, body = '', port = library.server.port) => {
  const fields = { ...headers, 'Content-Length': String(body.length), Connection: 'close' };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return raw(port, `${line} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
};

const statusOf = (text: string) => Number(text.split(' ')[1]);

const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };

describe('A request of a browser under a foreign host', () => {
  it('is rejected before credentials and body are read (fault A10)', async () => {
    const page = { Host: HOST, Origin: `http://${HOST}` };
    const read = { Host: HOST, 'Accept-Language': 'en', Authorization: 'Basic !' };
    const token = await send('POST /auth/token', { ...page, ...FORM }, 'grant_type=x');
    expect(token).toContain(`{"error":"invalid_request","error_description":"${DETAIL}"}`);
    const problem = await send('GET /Client', read);
    expect(problem).toContain(`"title":"Forbidden","status":403,"detail":"${DETAIL}"`);
    expect([statusOf(token), statusOf(problem)]).toEqual([403, 403]);
    expect(statusOf(await send('POST /Client', page))).toBe(403);
  });

  it('reads no metrics that need no token (fault A10)', async () => {
    const scrape = (host: string) => send('GET /metrics', { Host: host }, '', metricsPort);
    expect((await scrape(HOST)).split('\r\n\r\n')[1]).toBe(`${DETAIL}\n`);
    expect(statusOf(await scrape(`localhost:${metricsPort}`))).toBe(200);
  });

  it('is served under an allowed host, for a program, and at public documents (fault A10)', async () => {
    const client = await aClient(library.server).withGrant('book:1:read').register();
    const { authorization: Authorization } = client.basic;
    const ask = (headers: Record<string, string>) =>
      send('POST /auth/token', { Authorization, ...FORM, ...headers }, 'grant_type=client_credentials');
    expect(statusOf(await ask({ Host: 'alias.example', Origin: 'http://alias.example' }))).toBe(200);
    expect(statusOf(await ask({ Host: HOST }))).toBe(200);
    const page = { Host: HOST, 'Accept-Language': 'en', Origin: `http://${HOST}` };
    for (const path of ['/health/ready', '/.well-known/jwks.json'])
      expect(statusOf(await send(`GET ${path}`, page))).toBe(200);
    expect(statusOf(await send('GET /auth/verify?scope=book:1:read', page))).toBe(401);
  });
});

describe.skipIf(!canBrowse)('A page whose name now leads to this server', { timeout: 60_000 }, () => {
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    browser = await startBrowser(
      `--host-resolver-rules=MAP ${HOST} 127.0.0.1`,
      // Not in every browser, and not between addresses of one network.
      '--disable-features=LocalNetworkAccessChecks',
    );
    page = await browser.newPage();
    // What the name led to before.
    await page.route('**/bait', (route) => route.fulfill({ contentType: 'text/html', body: '<p>bait</p>' }));
    await page.goto(`http://${HOST}:${library.server.port}/bait`);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
  });

  const fetched = (path: string, init: { method?: string; headers: Record<string, string>; body?: string }) =>
    page.evaluate(async ([path, init]) => (await fetch(path, init)).status, [path, init] as const);

  it('cannot use up a failure limit, by reads or by changes (fault A10)', async () => {
    const client = await aClient(library.server, 'rebound').with({ secret: 'chosen-by-a-person' }).register();
    for (let times = 0; times < 2 * LIMIT; times++) {
      const headers = basic(client.id, `guess-${times}-of-a-page`);
      const spoofed = { ...headers, 'accept-language': '*', 'sec-fetch-mode': 'cors' };
      expect(await fetched('/Client', { headers: spoofed })).toBe(403);
      const body = 'grant_type=client_credentials';
      const form = { ...headers, 'content-type': 'application/x-www-form-urlencoded' };
      expect(await fetched('/auth/token', { method: 'POST', headers: form, body })).toBe(403);
    }
    expect((await client.ask(NATIVE)).status).toBe(200);
  });
});
