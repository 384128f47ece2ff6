import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../../support/admin.js';
import { canBrowse, startBrowser } from '../../support/browser.js';
import { DAY_MS, TestClock } from '../../support/clock.js';
import { ConsoleTab } from '../../support/console.js';
import { NATIVE } from '../../support/dialects.js';
import { form } from '../../support/http.js';
import { rememberSecret } from '../../support/leaks.js';
import { registerLibrary } from '../../support/library.js';
import { aClient, TestClient } from '../../support/registration.js';
import { startServer, type TestServer } from '../../support/server.js';

const MAX_REQUESTS = 5;

if (!canBrowse) console.warn('The tests of the console are skipped: chromium is not installed.');

describe.skipIf(!canBrowse)('Rotation in the console', { timeout: 60_000 }, () => {
  const clock = new TestClock();
  let server: TestServer;
  let root: Admin;
  let browser: Browser;
  let tab: ConsoleTab;

  beforeAll(async () => {
    [server, browser] = await Promise.all([startServer({ env: clock.env }), startBrowser()]);
    root = admin(server);
    await registerLibrary(server);
    const shop = await aClient(server, 'shop').withGrant('book:*:read').register();
    await shop.token(NATIVE);
    const { body: second } = await root.post('/Client/shop/$add-secret', { description: 'new region' });
    await clock.set(9 * DAY_MS);
    await new TestClient(server, 'shop', second.secret).token(NATIVE);
    tab = await ConsoleTab.open(browser, server);
    await tab.signIn();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    clock.remove();
  });

  const button = (name: string | RegExp) => tab.page.getByRole('button', { name });
  const dialog = () => tab.page.locator('.dialog');
  const secretsOf = async (id: string) => (await root.get(`/Client/${id}`)).body.secrets;
  const linksOf = async (id: string) => (await root.get(`/Client/${id}/$rotation`)).body.hand_overs;
  /** Confirms by typing, which alone makes the button work. */
  const confirm = async (word: string, action: string) => {
    const go = dialog().getByRole('button', { name: action });
    expect(await go.isDisabled()).toBe(true);
    await dialog().getByLabel(`Type ${word} to confirm`).fill(word);
    await go.click();
    await dialog().waitFor({ state: 'detached' });
  };

  it('says in words which secrets can be ended, and ends one after typing', async () => {
    const [old, young] = await secretsOf('shop');
    await tab.go('/clients/shop', 'shop');
    expect(new Set(tab.requests).size).toBeLessThanOrEqual(MAX_REQUESTS);
    const row = async (name: string) => {
      const text = await tab.page.getByRole('row').filter({ hasText: name }).innerText();
      return text.replace(/\s+/g, ' ');
    };
    expect(await row(old.id.slice(0, 8))).toMatch(
      /Safe to end last used 9 days ago from 127\.0\.0\.1; the client has used another credential since/,
    );
    expect(await row('new region')).toMatch(
      /Keep in use: last used .* ago from 127\.0\.0\.1: not safe to end/,
    );
    expect(await tab.faults()).toEqual([]);
    await tab.picture('rotation');

    await button('End the secret new region').click();
    await dialog()
      .getByText(/^in use: last used .*: not safe to end$/)
      .waitFor();
    await dialog().getByRole('button', { name: 'Cancel' }).click();
    await button(`End the secret ${old.id}`).click();
    await dialog()
      .getByText(/since: safe to end$/)
      .waitFor();
    await confirm(old.id.slice(0, 8), 'End the secret');
    await button(`End the secret ${old.id}`).waitFor({ state: 'detached' });
    expect((await secretsOf('shop')).map(({ id }: { id: string }) => id)).toEqual([young.id]);
    expect(await tab.page.getByText('Safe to end', { exact: true }).count()).toBe(0);
  });

  it('makes a link for a new secret that is shown once, lists it, and ends it after typing', async () => {
    await tab.go('/clients/shop', 'shop');
    await button('Hand over').click();
    await dialog().getByLabel('Description').fill('for the pods');
    await dialog().getByLabel('The link expires').selectOption('In an hour');
    await dialog().getByLabel('The secret ends').selectOption('In 90 days');
    expect(await tab.faults()).toEqual([]);
    await dialog().getByRole('button', { name: 'Make the link' }).click();
    const link = await dialog().getByRole('region', { name: 'Link', exact: true }).innerText();
    const handle = link.split('#')[1] as string;
    rememberSecret(handle);
    expect(link).toMatch(new RegExp(`^${server.publicUrl}/hand-over#lkh_`));
    await tab.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await dialog().getByRole('button', { name: 'Copy' }).first().click();
    await dialog().getByText('Copied').waitFor();
    expect(await tab.page.evaluate('navigator.clipboard.readText()')).toBe(link);
    expect(await tab.faults()).toEqual([]);
    await tab.picture('hand-over-link');
    await dialog().getByRole('button', { name: 'I have sent it' }).click();
    await dialog().waitFor({ state: 'detached' });
    await tab.settled();
    expect(await tab.page.content()).not.toContain(handle);
    expect(tab.page.url()).not.toContain(handle);
    expect(tab.requests.join()).not.toContain(handle);

    const [pending] = await linksOf('shop');
    const row = tab.page.getByRole('row').filter({ hasText: 'for the pods' });
    expect(await row.innerText()).toMatch(/made by root/);
    expect(Date.parse(pending.link_expires) - Date.parse(pending.created)).toBe(3_600_000);
    await button('End the link for the pods').click();
    await confirm(pending.secret_id.slice(0, 8), 'End the link');
    await row.waitFor({ state: 'detached' });
    expect(await linksOf('shop')).toEqual([]);
    expect((await form(`${server.url}/hand-over`, { token: handle })).status).toBe(404);
    await button('Hand over').click();
    expect(await dialog().getByRole('region', { name: 'Link', exact: true }).count()).toBe(0);
    await tab.page.keyboard.press('Escape');
  });

  it('shows why a link is refused, in the words of the server', async () => {
    for (let made = 0; made < 10; made++) await root.post('/Client/shop/$hand-over', {});
    await tab.go('/clients/shop', 'shop');
    await button('Hand over').click();
    await dialog().getByRole('button', { name: 'Make the link' }).click();
    expect(await dialog().getByRole('alert').innerText()).toContain('10 links that were not opened');
    await tab.page.keyboard.press('Escape');
    expect(tab.reports).toEqual([]);
  });
});
