import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { insertDescribedClients } from '../admin/bulk.js';
import { type Admin, admin } from '../support/admin.js';
import { canBrowse, startBrowser } from '../support/browser.js';
import { ConsoleTab } from '../support/console.js';
import { NATIVE } from '../support/dialects.js';
import { LIBRARY, registerLibrary } from '../support/library.js';
import { aClient, register } from '../support/registration.js';
import { engine, startServer, type TestServer } from '../support/server.js';

const NAMES: Readonly<Record<string, string>> = {
  sqlite: 'SQLite',
  mysql: 'MySQL or MariaDB',
  postgres: 'PostgreSQL',
};
const MAX_REQUESTS = 5;

/** Each page whose data comes from a query of its own, with something that only its data shows. */
const PAGES: [path: string, title: string, shown: string][] = [
  ['', 'Overview', NAMES[engine] as string],
  ['/clients?method=secret&text=gift', 'Clients', 'gifts team'],
  ['/clients/gift-deliveries', 'gift-deliveries', 'gifts team'],
  ['/clients/gift-deliveries/permissions', 'gift-deliveries', 'book:13:read'],
  ['/clients/gift-deliveries/activity', 'gift-deliveries', 'client.create'],
  ['/clients/gift-deliveries/blast-radius', 'gift-deliveries', 'If a credential leaked'],
  ['/resources/book', 'book', 'auth/verify'],
  ['/policies', 'Policies', '1 allow, 1 deny'],
  ['/issuers', 'Trusted issuers', 'https://platform.example'],
  ['/sessions?client=gift-deliveries&active=true', 'Sessions', 'book:1:read'],
  ['/audit?action=client.create', 'Audit trail', 'client.create'],
  ['/keys', 'Signing keys', 'RS256'],
  ['/configuration', 'Configuration', 'Plan and apply'],
];

if (!canBrowse) console.warn('The tests of the console are skipped: chromium is not installed.');

describe.skipIf(!canBrowse)('The console on this engine', { timeout: 60_000 }, () => {
  let server: TestServer;
  let root: Admin;
  let browser: Browser;
  let tab: ConsoleTab;

  beforeAll(async () => {
    [server, browser] = await Promise.all([startServer(), startBrowser()]);
    root = admin(server);
    await registerLibrary(server);
    await insertDescribedClients(server);
    const client = await aClient(server, 'gift-deliveries')
      .with({ owner: 'gifts team' })
      .withGrant('book:*:read', '!book:13:read')
      .register();
    await client.token(NATIVE, { audience: LIBRARY, scope: 'book:1:read' });
    await client.ask(NATIVE, { audience: LIBRARY, scope: 'book:13:read' });
    await register(server, 'TrustedIssuer', 'platform', { issuer: 'https://platform.example' });
    tab = await ConsoleTab.open(browser, server);
    await tab.signIn();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  const button = (name: string) => tab.page.getByRole('button', { name });

  it('shows each page with its data, within five requests and without an error', async () => {
    const found: string[] = [];
    for (const [path, title, shown] of PAGES) {
      await tab.go(path, title);
      await tab.page.getByText(shown).first().waitFor({ state: 'attached' });
      if (tab.requests.length > MAX_REQUESTS) found.push(`${path}: ${tab.requests}`);
      if (await tab.page.getByRole('alert').count()) found.push(`${path}: an error`);
    }
    expect(found).toEqual([]);
    expect(tab.reports).toEqual([]);
  });

  it('searches 10,000 clients at the server, page by page', async () => {
    await tab.go('/clients?text=LK-199', 'Clients');
    await tab.page.getByText('25 of 100').waitFor();
    await tab.page.getByLabel('Owner').fill('owner 7');
    await tab.page.getByText('10 in all').waitFor();
    await tab.go('/clients', 'Clients');
    const first = () => tab.page.getByRole('row').nth(1).innerText();
    const before = await first();
    await button('Next page').click();
    await expect.poll(first).not.toBe(before);
    await tab.page.getByText('25 shown, more than 10,000 in all').waitFor();
  });

  it('foresees the refusals of a policy, and saves it under the version that was shown', async () => {
    const formed = await aClient(server, 'formed').withGrant('book:*:read').register();
    await formed.token(NATIVE, { scope: 'book:1:read' });
    await tab.go('/policies/formed/edit', 'formed');
    const rule = tab.page.getByRole('group', { name: 'Rule 1' });
    await rule.getByLabel('write').check();
    await rule.getByLabel('read', { exact: true }).uncheck();
    await button('Check').click();
    await tab.page.getByText('1 client loses 1 permission, 1 client gains 1 permission.').waitFor();
    await tab.page.getByText('in the last 24 hours, 1 would have been refused').waitFor();
    await root.patch('/AccessPolicy/formed', { description: 'changed meanwhile' });
    await button('Save').click();
    const others = tab.page.getByRole('region', { name: 'What others changed' });
    await expect.poll(() => others.innerText()).toContain('changed meanwhile');
    expect((await root.get('/AccessPolicy/formed')).body.rules[0].operations).toEqual(['read']);
  });

  it('closes a session after typing, which its list shows', async () => {
    await tab.go('/sessions?client=gift-deliveries', 'Sessions');
    await tab.page.getByRole('button', { name: /^Close the session/ }).click();
    const dialog = tab.page.locator('.dialog');
    await dialog.getByLabel(/^Type/).fill('gift-deliveries');
    await dialog.getByRole('button', { name: 'Close the session' }).click();
    await tab.page.getByRole('cell', { name: 'Ended' }).waitFor();
  });
});
