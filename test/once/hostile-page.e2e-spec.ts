import { createServer } from 'node:http';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { canBrowse, startBrowser } from '../support/browser.js';
import { basic } from '../support/http.js';
import { listenOnLoopback } from '../support/loopback.js';
import { aClient } from '../support/registration.js';
import { startServer, type TestServer } from '../support/server.js';

const ROTATE = '/Client/victim/$rotate-secret';

if (!canBrowse) console.warn('The tests in a browser are skipped: chromium is not installed.');

/** A page of another site, opened in a browser that has cached an administrator's Basic credentials for ours. */
describe.skipIf(!canBrowse)('A hostile page in a browser', { timeout: 120_000 }, () => {
  let server: TestServer;
  let root: Admin;
  let browser: Browser;
  let context: BrowserContext;
  let hostile: Awaited<ReturnType<typeof listenOnLoopback>>;
  let html = '';

  beforeAll(async () => {
    server = await startServer();
    root = admin(server);
    await aClient(server, 'victim').register();
    hostile = await listenOnLoopback(
      createServer((_request, response) => response.setHeader('content-type', 'text/html').end(html)),
    );
    browser = await startBrowser();
    context = await browser.newContext({
      // What a browser with cached credentials adds by itself, to every request.
      extraHTTPHeaders: basic(server.adminId, server.adminSecret),
    });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await hostile?.stop();
    await server?.stop();
  });

  const state = async () => (await root.get('/Client/victim')).text + (await root.get('/SigningKey')).text;
  /** A new tab each time: what one page has begun must not disturb the next. */
  const open = async (body: string): Promise<Page> => {
    html = `<!doctype html><body>${body}</body>`;
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${hostile.port}/`);
    return page;
  };

  it.each(['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data'])(
    'cannot post a form as %s (fault A10)',
    async (type) => {
      const before = await state();
      for (const path of [ROTATE, '/SigningKey/$rotate']) {
        const page = await open(
          `<form method="post" enctype="${type}" action="${server.publicUrl}${path}"><input name="{}"></form>`,
        );
        const [answer] = await Promise.all([
          page.waitForResponse((response) => response.url() === server.publicUrl + path),
          page.evaluate('document.forms[0].submit()'),
        ]);
        expect(answer.status()).toBe(403);
      }
      expect(await state()).toBe(before);
    },
  );

  it.each(['undefined', '"{}"', 'new Blob(["{}"])', 'new URLSearchParams({ overlap: 0 })'])(
    'cannot send a request by fetch with the body %s (fault A10)',
    async (body) => {
      const before = await state();
      const page = await open('');
      const url = JSON.stringify(server.publicUrl + ROTATE);
      const init = `{ method: 'POST', mode: 'no-cors', credentials: 'include', body: ${body} }`;
      const [failed] = await Promise.all([
        page.waitForEvent('requestfailed'),
        page.evaluate(`fetch(${url}, ${init}).then(() => undefined, () => undefined)`),
      ]);
      // The answer came, and its Cross-Origin-Resource-Policy keeps it from the page.
      expect(failed.failure()?.errorText).toContain('ERR_BLOCKED_BY_RESPONSE');
      expect(await state()).toBe(before);
    },
  );

  it('cannot have a read served by a WebSocket handshake (fault A10)', async () => {
    const page = await open('');
    const url = JSON.stringify(`${server.publicUrl.replace('http:', 'ws:')}/Client`);
    const [message] = await Promise.all([
      page.waitForEvent('console'),
      page.evaluate(`void new WebSocket(${url})`),
    ]);
    expect(message.text()).toContain('403');
  });

  it('cannot show a response in a frame (fault A10)', async () => {
    const page = await open(`<iframe src="${server.publicUrl}/Client"></iframe>`);
    const frame = page.frames()[1];
    expect(frame?.url()).toMatch(/^(chrome-error:|about:blank|$)/);
  });

  it('finds no stored credentials, since the browser is never challenged for any (fault A10)', async () => {
    const other = await browser.newContext();
    const tab = await other.newPage();
    const url = new URL('/Client', server.publicUrl);
    url.username = server.adminId;
    url.password = server.adminSecret;
    const answer = await tab.goto(url.href);
    expect(answer?.status()).toBe(401);
    expect(answer?.headers()['www-authenticate']).not.toMatch(/basic/i);
    await other.close();
  });
});
