import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { insertDescribedClients } from '../../admin/bulk.js';
import { type Admin, admin } from '../../support/admin.js';
import { canBrowse, startBrowser } from '../../support/browser.js';
import { ConsoleTab } from '../../support/console.js';
import { NATIVE } from '../../support/dialects.js';
import { LIBRARY, registerLibrary } from '../../support/library.js';
import { aClient, register } from '../../support/registration.js';
import { startServer, type TestServer } from '../../support/server.js';

const DAY_MS = 86_400_000;
const EVERY_TYPE = [
  'Client',
  'Resource',
  'AccessPolicy',
  'TrustedIssuer',
  'Session',
  'SigningKey',
  'AuditEvent',
];

if (!canBrowse) console.warn('The tests of the console are skipped: chromium is not installed.');

describe.skipIf(!canBrowse)('The console of an administrator', { timeout: 60_000 }, () => {
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
      .with({ owner: 'gifts team', token_quota: { per_hour: 5, enforce: true } })
      .withGrant('book:*:read')
      .register();
    await root.post('/Client/gift-deliveries/$add-secret', {
      description: 'old region',
      end: new Date(Date.now() + 9 * DAY_MS).toISOString(),
    });
    // One more is that of the console itself.
    for (let count = 0; count < 5; count++) await client.token(NATIVE);
    expect((await client.ask(NATIVE)).status).toBe(429);
    await client.post(NATIVE, { grant_type: 'password' });
    tab = await ConsoleTab.open(browser, server);
    await tab.signIn();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  const button = (name: string | RegExp) => tab.page.getByRole('button', { name });
  const dialog = () => tab.page.locator('.dialog');

  it('shows the last hour in charts, each with the same numbers as a table', async () => {
    await tab.settled();
    const legend = (chart: string) =>
      tab.page.locator('.card').filter({ hasText: chart }).locator('.legend').first().innerText();
    expect(await legend('Tokens per minute')).toMatch(/issued\s+6[\s\S]*refused, below the line\s+2/);
    expect(await legend('Latency of token requests')).toMatch(
      /p50, solid\s+[\d.,]+ ms\s+p99, dashed\s+[\d.,]+ ms/,
    );
    const card = (title: string) => tab.page.locator('.card').filter({ hasText: title }).innerText();
    expect(await card('Refused, by reason')).toMatch(
      /too_many_requests[\s\S]*1[\s\S]*unsupported_grant_type/,
    );
    expect(await card('Quotas')).toContain('5 of 5 per hour');
    expect(await card('About to end')).toMatch(/gift-deliveries[\s\S]*secret old region[\s\S]*never used/);
    expect(await card('Health')).toMatch(/Ready[\s\S]*SQLite|MySQL|PostgreSQL[\s\S]*Unbroken/);

    await tab.page.getByText('Tokens per minute as a table').click();
    const rows = tab.page.getByRole('region', { name: 'Tokens per minute, by minute' }).getByRole('row');
    const cells = await rows.locator('td').allInnerTexts();
    const numbers = cells.filter((_, at) => at % 4 !== 0).map(Number);
    expect(numbers.reduce((sum, one) => sum + one, 0)).toBe(8);
    expect(await tab.faults()).toEqual([]);
    await tab.picture('overview-with-data');
  });

  it('says whose requests are counted where several processes serve, and searches a long trail for an hour', async () => {
    const other = await ConsoleTab.open(browser, server);
    await other.page.route('**/$overview', async (route) => {
      const response = await route.fetch();
      const shown = {
        processes: { counted: 3, configured: 4 },
        audit_chain: { events: 10_000_000, breaks: 0 },
      };
      await route.fulfill({ response, json: { ...(await response.json()), ...shown } });
    });
    await other.signIn();
    await other.page
      .getByText('What 3 of the 4 processes of this server were asked in the last hour')
      .waitFor();
    await other.page.getByText('The figures of the last hour lack those that do not answer').waitFor();
    await other.settled();
    const since = other.requests.flatMap((one) => /^GET \/AuditEvent\?.*date=ge([^&]+)/.exec(one)?.[1] ?? []);
    expect(since).toHaveLength(1);
    const ageMs = Date.now() - Date.parse(decodeURIComponent(since[0] ?? ''));
    expect(ageMs).toBeLessThan(DAY_MS / 12);
    await other.close();
  });

  it('finds one of 10,000 clients at the server, with one request for each page', async () => {
    await tab.go('/clients', 'Clients');
    expect([...new Set(tab.requests)]).toEqual(['GET /Client?_count=25']);
    await tab.page.getByText('25 shown, more than 10,000 in all').waitFor();
    await tab.picture('clients-10000');
    await tab.page.getByLabel('Select all clients of this page').check();
    await tab.page.getByText('More than 10,000 match: narrow the search to 1,000').waitFor();
    await button('Clear the selection').click();
    await tab.page.getByLabel('Id or name').fill('LK-199');
    await tab.page.getByText('25 of 100').waitFor();
    await tab.page.getByLabel('Owner').fill('owner 7');
    await tab.page.getByText('10 in all').waitFor();
    expect(tab.page.url()).toContain('text=LK-199&owner=owner+7');
    await tab.go('/clients?method=secret&text=gift', 'Clients');
    await tab.page.getByText('gifts team').waitFor();
    expect(await tab.page.getByRole('row').filter({ hasText: 'gift-deliveries' }).innerText()).toMatch(
      /second|now|minute/,
    );
    await tab.page.getByLabel('Proves itself by').selectOption('key');
    await tab.page.getByText('No client matches').waitFor();
  });

  it('disables several clients in one write after typing, or none if one was changed meanwhile', async () => {
    const ids = ['bulk-a', 'bulk-b', 'bulk-c'];
    for (const id of ids) await aClient(server, `${id}-to-disable`).register();
    const active = async () => (await root.get('/Client?text=-to-disable&active=true')).body.entry.length;
    await tab.go('/clients?text=-to-disable', 'Clients');
    await tab.page.getByLabel('Select all clients of this page').check();
    await tab.page.getByLabel('Select bulk-c-to-disable').uncheck();
    await tab.page.getByText('2 clients selected').waitFor();
    expect(await tab.faults()).toEqual([]);
    await root.patch('/Client/bulk-b-to-disable', { owner: 'someone else' });
    const disable = async () => {
      await button('Disable 2').click();
      expect(await dialog().getByRole('button', { name: 'Disable' }).isDisabled()).toBe(true);
      await dialog().getByLabel('Type disable 2 to confirm').fill('disable 2');
      tab.requests = [];
      await dialog().getByRole('button', { name: 'Disable' }).click();
    };
    await disable();
    await dialog().getByRole('alert').waitFor();
    expect(await active()).toBe(3);
    await dialog().getByRole('button', { name: 'Cancel' }).click();
    await tab.page.getByText('someone else').waitFor();
    await disable();
    await dialog().waitFor({ state: 'detached' });
    expect(tab.requests.filter((one) => !one.startsWith('GET '))).toEqual(['POST /']);
    expect(await active()).toBe(1);
  });

  it('edits a policy in a form, and shows what clients would gain, lose and be refused', async () => {
    const formed = await aClient(server, 'formed').withGrant('book:*:read').register();
    await formed.token(NATIVE, { scope: 'book:1:read' });
    await tab.go('/policies/formed/edit', 'formed');
    const rule = tab.page.getByRole('group', { name: 'Rule 1' });
    await rule.getByLabel('write').check();
    await rule.getByLabel('read', { exact: true }).uncheck();
    await tab.page.getByLabel('Description').fill('writes books');
    await button('Check').click();
    const effects = tab.page.getByRole('region', { name: 'What clients would gain and lose' });
    await effects.waitFor();
    const texts = await effects.getByRole('row').allInnerTexts();
    expect(texts.slice(1).map((text) => text.replace(/\s+/g, ' '))).toEqual([
      `formed book:*:read ${LIBRARY} Lost`,
      `formed book:*:write ${LIBRARY} Gained`,
    ]);
    await tab.page.getByText('1 client loses 1 permission, 1 client gains 1 permission.').waitFor();
    await tab.page
      .getByText('Of 1 token request of these clients in the last 24 hours, 1 would have been refused.')
      .waitFor();
    const requests = tab.page.getByRole('region', { name: 'Requests that would get less' });
    const [, refused = ''] = await requests.getByRole('row').allInnerTexts();
    expect(refused.replace(/\s+/g, ' ')).toMatch(/^formed 1 book:1:read Refused .* from /);
    expect(await tab.faults()).toEqual([]);
    await tab.picture('policy-effects');
    expect((await root.get('/AccessPolicy/formed')).body.rules[0].operations).toEqual(['read']);
    await button('YAML').click();
    const editor = tab.page.getByLabel('AccessPolicy formed as YAML');
    expect(await editor.inputValue()).toContain('description: writes books');
    await editor.fill('engine: [');
    await button('Form').click();
    await tab.page.getByText('This is not valid YAML').waitFor();
    await editor.fill(
      'engine: rules\nlink: [{resourceType: Client, id: formed}]\nrules:\n  - {effect: deny, resource: page, identifier: "7", operations: [turn]}\n',
    );
    await button('Form').click();
    expect(await rule.getByLabel('Effect').inputValue()).toBe('deny');
    expect(await rule.getByLabel('Object').inputValue()).toBe('7');
    await button('Save').click();
    await tab.page.getByRole('heading', { level: 2, name: 'Rules' }).waitFor();
    expect((await root.get('/AccessPolicy/formed')).body.rules).toEqual([
      { effect: 'deny', resource: 'page', identifier: '7', operations: ['turn'] },
    ]);
    const explained = { client: 'formed', audience: LIBRARY, scope: 'book:1:read' };
    expect((await root.post('/AccessPolicy/$explain', explained)).body.items[0].granted).toBe(false);
  });

  it('offers a viewer no change, and says why', async () => {
    const rules = EVERY_TYPE.map((type) => `${type}:*:read`);
    const viewer = await aClient(server, 'viewer')
      .withGrant(...rules)
      .register();
    await register(server, 'TrustedIssuer', 'platform', { issuer: 'https://platform.example' });
    const other = await ConsoleTab.open(browser, server);
    await other.signIn(viewer.id, viewer.secret);
    await other.page.getByText('Read only', { exact: true }).waitFor();
    const refused = async (name: string | RegExp, reason: string) => {
      const found = other.page.getByRole('button', { name }).first();
      await expect.poll(() => found.getAttribute('aria-disabled'), { message: String(name) }).toBe('true');
      expect(await found.getAttribute('title')).toContain(reason);
      await found.click({ force: true });
      expect(await other.page.locator('.dialog').count()).toBe(0);
    };
    await other.go('/clients', 'Clients');
    await refused('New client', 'Client:*:create');
    await other.go('/clients/gift-deliveries', 'gift-deliveries');
    await refused('Add secret', 'Client:gift-deliveries:rotate');
    await refused('Hand over', 'Client:gift-deliveries:rotate');
    await refused(/^End the secret/, 'Client:gift-deliveries:rotate');
    await other.page.getByRole('button', { name: 'More actions' }).click();
    const entry = other.page.getByRole('menuitem', { name: /^Delete/ });
    expect(await entry.getAttribute('aria-disabled')).toBe('true');
    expect(await entry.innerText()).toContain('Client:gift-deliveries:delete');
    await other.page.keyboard.press('Escape');
    await other.go('/policies/gift-deliveries', 'gift-deliveries');
    await refused('Delete', 'AccessPolicy:gift-deliveries:delete');
    await other.go('/policies/gift-deliveries/edit', 'gift-deliveries');
    await refused('Save', 'AccessPolicy:gift-deliveries:update');
    await other.go('/keys', 'Signing keys');
    await refused('Announce successors', 'SigningKey:*:rotate');
    await other.go('/sessions?client=gift-deliveries', 'Sessions');
    await refused(/^Close the session/, 'Session:gift-deliveries:delete');
    await other.go('/sessions?client=viewer', 'Sessions');
    const own = other.page.getByRole('button', { name: /^Close the session/ }).first();
    expect(await own.getAttribute('aria-disabled')).toBeNull();
    expect(await other.faults()).toEqual([]);
    await other.close();
  });

  it('offers what is permitted on one document only there', async () => {
    const helper = await aClient(server, 'helper')
      .withGrant(...EVERY_TYPE.map((type) => `${type}:*:read`), 'Client:gift-deliveries:rotate')
      .register();
    const other = await ConsoleTab.open(browser, server);
    await other.signIn(helper.id, helper.secret);
    const add = other.page.getByRole('button', { name: 'Add secret' });
    await other.go('/clients/helper', 'helper');
    await expect.poll(() => add.getAttribute('aria-disabled')).toBe('true');
    await other.go('/clients/gift-deliveries', 'gift-deliveries');
    expect(await add.getAttribute('aria-disabled')).toBeNull();
    expect(other.requests.length).toBeLessThanOrEqual(5);
    await other.close();
  });
});
