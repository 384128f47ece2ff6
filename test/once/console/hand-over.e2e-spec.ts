import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../../support/admin.js';
import { canBrowse, startBrowser } from '../../support/browser.js';
import { ConsoleTab } from '../../support/console.js';
import { NATIVE } from '../../support/dialects.js';
import { basic, form } from '../../support/http.js';
import { rememberSecret } from '../../support/leaks.js';
import { aClient } from '../../support/registration.js';
import { openRows } from '../../support/rows.js';
import { startServer, type TestServer } from '../../support/server.js';

const REFUSED = 'the link is unknown, expired or was opened: ask for a new one';
const STORED =
  'Promise.all([JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.cookie, indexedDB.databases(), caches.keys()])';

if (!canBrowse) console.warn('The tests of the console are skipped: chromium is not installed.');

describe.skipIf(!canBrowse)('The page that hands a secret over', { timeout: 60_000 }, () => {
  let server: TestServer;
  let root: Admin;
  let browser: Browser;

  beforeAll(async () => {
    [server, browser] = await Promise.all([startServer(), startBrowser()]);
    root = admin(server);
    await aClient(server, 'pods').register();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  async function makeLink(): Promise<{ link: string; handle: string; secretId: string }> {
    const { body } = await root.post('/Client/pods/$hand-over', {});
    const handle = body.link.split('#')[1];
    rememberSecret(handle);
    return { link: body.link, handle, secretId: body.secret_id };
  }

  /** The link in a new tab. */
  async function follow(link: string, options: BrowserContextOptions = {}): Promise<ConsoleTab> {
    const tab = await ConsoleTab.open(browser, server, options);
    await tab.page.goto(link);
    tab.requests = [];
    return tab;
  }

  const showIn = (tab: ConsoleTab) => tab.page.getByRole('button', { name: 'Show the secret' }).click();
  const statusOf = (tab: ConsoleTab) => tab.page.locator('#status');

  it.each([
    ['light', 1280],
    ['dark', 375],
  ] as const)('shows the secret once, by keyboard alone, in %s at %i px', async (theme, width) => {
    const { link, handle } = await makeLink();
    const tab = await follow(link, { colorScheme: theme, viewport: { width, height: 800 } });
    expect(tab.page.url()).toBe(`${server.publicUrl}/hand-over`);
    expect(await tab.faults()).toEqual([]);
    expect(await tab.overflow()).toBe(0);
    await tab.page.keyboard.press('Tab');
    await tab.page.keyboard.press('Enter');
    await tab.page.getByText('Store it now: it is never shown again.').waitFor();
    const secret = await tab.page.locator('#client_secret').innerText();
    rememberSecret(secret);
    expect(tab.requests).toEqual(['POST /hand-over']);
    const asked = await form(
      server.url + NATIVE.token,
      { grant_type: 'client_credentials' },
      basic('pods', secret),
    );
    expect(asked.status).toBe(200);
    expect(await tab.faults()).toEqual([]);
    expect(await tab.overflow()).toBe(0);
    await tab.picture(`${theme}-hand-over`);

    await tab.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await tab.page.keyboard.press('Enter');
    await tab.page.getByText(/^Copied/).waitFor();
    expect(await tab.page.evaluate('navigator.clipboard.readText()')).toBe(secret);
    expect(await tab.page.evaluate(STORED)).toEqual(['{}', '{}', '', [], []]);
    expect(tab.page.url()).toBe(`${server.publicUrl}/hand-over`);
    await tab.page.reload();
    await tab.page.getByText('The link is incomplete').waitFor();
    expect(await tab.page.getByRole('button').count()).toBe(0);
    for (const direction of ['goBack', 'goForward'] as const) {
      await tab.page[direction]();
      expect(tab.page.url()).not.toContain(handle);
      const shown = await tab.page.content();
      expect([shown.includes(handle), shown.includes(secret)]).toEqual([false, false]);
    }
    expect(tab.reports).toEqual([]);
    await tab.close();
  });

  it('is refused in words when it is opened a second time', async () => {
    const { link } = await makeLink();
    const [first, second] = [await follow(link), await follow(link)];
    await showIn(first);
    rememberSecret(await first.page.locator('#client_secret').innerText());
    await showIn(second);
    await expect.poll(() => statusOf(second).innerText()).toBe(REFUSED);
    expect(await second.page.getByRole('button').count()).toBe(0);
    expect(await second.page.content()).not.toContain('lks_');
    expect(await second.faults()).toEqual([]);
    await first.close();
    await second.close();
  });

  it('is refused in the same words when the link has expired', async () => {
    const { link, secretId } = await makeLink();
    const tab = await follow(link);
    const rows = await openRows(server);
    await rows.all('UPDATE hand_over SET expires_at = 1 WHERE secret_id = ?', [secretId]);
    await rows.close();
    await showIn(tab);
    await expect.poll(() => statusOf(tab).innerText()).toBe(REFUSED);
    const { secrets } = (await root.get('/Client/pods')).body;
    expect(secrets.map(({ id }: { id: string }) => id)).not.toContain(secretId);
    await tab.close();
  });

  it('says that the server cannot be reached, and opens afterwards', async () => {
    const { link } = await makeLink();
    const tab = await follow(link);
    await tab.page.context().setOffline(true);
    await showIn(tab);
    await tab.page.getByText('The server cannot be reached. Try again.').waitFor();
    await tab.page.context().setOffline(false);
    await showIn(tab);
    await tab.page.locator('#client_secret').waitFor();
    rememberSecret(await tab.page.locator('#client_secret').innerText());
    await tab.close();
  });
});
