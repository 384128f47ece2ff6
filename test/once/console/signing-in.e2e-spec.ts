import { createServer } from 'node:http';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../../support/admin.js';
import { canBrowse, startBrowser } from '../../support/browser.js';
import { ConsoleTab } from '../../support/console.js';
import { bearer, request } from '../../support/http.js';
import { listenOnLoopback } from '../../support/loopback.js';
import { aClient } from '../../support/registration.js';
import { startServer, type TestServer } from '../../support/server.js';

const MAX_FIRST_LOAD_BYTES = 200_000;

if (!canBrowse) console.warn('The tests of the console are skipped: chromium is not installed.');

describe.skipIf(!canBrowse)('Signing in to the console', { timeout: 60_000 }, () => {
  let server: TestServer;
  let browser: Browser;

  beforeAll(async () => {
    server = await startServer();
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  const bearersOf = (tab: ConsoleTab) => {
    const tokens = new Set<string>();
    tab.page.on('request', (sent) => {
      const { authorization = '' } = sent.headers();
      if (authorization.startsWith('Bearer ')) tokens.add(authorization.slice(7));
    });
    return tokens;
  };

  it('loads less than 200 kB, and reports no violation of its policy', async () => {
    const tab = await ConsoleTab.open(browser, server);
    await tab.signIn();
    await expect.poll(() => tab.bytes).toBeGreaterThan(100_000);
    expect(tab.bytes).toBeLessThan(MAX_FIRST_LOAD_BYTES);
    expect(tab.reports).toEqual([]);
    await tab.close();
  });

  it('shows the error of the server for a wrong secret', async () => {
    const tab = await ConsoleTab.open(browser, server);
    await tab.page.getByLabel('Client id').fill('root');
    await tab.page.getByLabel('Client secret').fill('not the secret of root');
    await tab.page.getByRole('button', { name: 'Sign in' }).click();
    const alert = tab.page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.innerText()).toContain('invalid_client');
    expect(await tab.faults()).toEqual([]);
    await tab.close();
  });

  it('keeps the token in memory only: nothing is stored, and a reload forgets it', async () => {
    const tab = await ConsoleTab.open(browser, server);
    await tab.signIn();
    await tab.go('/clients', 'Clients');
    const stored = await tab.page.evaluate(
      'Promise.all([JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.cookie, indexedDB.databases(), caches.keys()])',
    );
    expect(stored).toEqual(['{}', '{}', '', [], []]);
    expect(await tab.page.context().cookies()).toEqual([]);
    expect(tab.page.url()).toBe(`${server.publicUrl}/console/clients`);
    await tab.page.reload();
    await tab.page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
    await tab.close();
  });

  it('returns to the address that was opened', async () => {
    const tab = await ConsoleTab.open(browser, server);
    await tab.page.goto(`${server.publicUrl}/console/clients/root`);
    await tab.page.getByLabel('Client id').fill(server.adminId);
    await tab.page.getByLabel('Client secret').fill(server.adminSecret);
    await tab.page.getByRole('button', { name: 'Sign in' }).click();
    await tab.page.getByRole('link', { name: 'Permissions' }).waitFor();
    await tab.close();
  });

  it('closes the session of its token when the administrator signs out', async () => {
    const tab = await ConsoleTab.open(browser, server);
    const tokens = bearersOf(tab);
    await tab.signIn();
    const [token] = tokens;
    expect((await request(`${server.url}/Client/root`, { headers: bearer(token as string) })).status).toBe(
      200,
    );
    const [closed] = await Promise.all([
      tab.page.waitForResponse((response) => response.request().method() === 'DELETE'),
      tab.page.getByRole('button', { name: 'Sign out' }).first().click(),
    ]);
    expect([closed.status(), new URL(closed.url()).pathname]).toEqual([204, '/Session']);
    expect((await request(`${server.url}/Client/root`, { headers: bearer(token as string) })).status).toBe(
      401,
    );
    await tab.page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
    await tab.close();
  });

  it('asks again when the session was closed elsewhere', async () => {
    const tab = await ConsoleTab.open(browser, server);
    await tab.signIn();
    await tab.settled();
    await admin(server).delete('/Session?client=root');
    await tab.page.getByRole('link', { name: 'Clients', exact: true }).click();
    await tab.page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
    expect(await tab.page.getByText('Your session has ended').count()).toBe(1);
    await tab.close();
  });

  it('shows a client without permissions the error of the server', async () => {
    const client = await aClient(server, 'powerless').register();
    const tab = await ConsoleTab.open(browser, server);
    await tab.signIn(client.id, client.secret);
    const alert = tab.page.getByRole('alert').first();
    await alert.waitFor();
    expect(await alert.innerText()).toContain('Client:*:read');
    await tab.close();
  });

  it('cannot be framed by another origin', async () => {
    const hostile = await listenOnLoopback(
      createServer((_request, response) =>
        response
          .setHeader('content-type', 'text/html')
          .end(`<!doctype html><iframe src="${server.publicUrl}/console"></iframe>`),
      ),
    );
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${hostile.port}/`);
    expect(page.frames()[1]?.url()).toMatch(/^(chrome-error:|about:blank|$)/);
    await page.close();
    await hostile.stop();
  });

  it('names the public address if it is opened at another one, where changes are rejected', async () => {
    const page = await browser.newPage();
    await page.goto(`${server.url}/console`);
    await page.getByText('This is not the public address of the server').waitFor();
    expect(await page.getByRole('link', { name: `${server.publicUrl}/console` }).count()).toBe(1);
    await page.close();
  });
});
