import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../../support/admin.js';
import { Signer } from '../../support/assertions.js';
import { canBrowse, startBrowser } from '../../support/browser.js';
import { ConsoleTab } from '../../support/console.js';
import { NATIVE } from '../../support/dialects.js';
import { LIBRARY, registerLibrary } from '../../support/library.js';
import { aClient, register } from '../../support/registration.js';
import { startServer, type TestServer } from '../../support/server.js';

/** Each page with the heading that it has on the server of these tests, and something that only its data shows. */
const PAGES: [path: string, title: string, shown: string][] = [
  ['', 'Overview', 'Tokens per minute'],
  ['/clients', 'Clients', 'gifts team'],
  ['/clients/new', 'New client', 'How will it prove itself?'],
  ['/clients/gift-deliveries', 'Gift Deliveries', 'urn:library'],
  ['/clients/gift-deliveries/permissions', 'Gift Deliveries', 'book:13:read'],
  ['/clients/gift-deliveries/sessions', 'Gift Deliveries', 'book:1:read'],
  ['/clients/gift-deliveries/activity', 'Gift Deliveries', 'client.create'],
  ['/clients/gift-deliveries/blast-radius', 'Gift Deliveries', 'If a credential leaked'],
  ['/clients/gift-deliveries/edit', 'Gift Deliveries', 'Client gift-deliveries as YAML'],
  ['/resources', 'Resources', 'urn:atlas'],
  ['/resources/new', 'New resource', 'Checking writes nothing.'],
  ['/resources/book', 'book', 'auth/verify'],
  ['/resources/Client', 'Client', 'rotate'],
  ['/resources/book/edit', 'book', 'Resource book as YAML'],
  ['/policies', 'Policies', '1 allow, 1 deny'],
  ['/policies/new', 'New policy', 'Checking writes nothing.'],
  ['/policies/gift-deliveries', 'gift-deliveries', 'Deny'],
  ['/policies/gift-deliveries/edit', 'gift-deliveries', 'Every client'],
  ['/policies/gift-deliveries/edit?as=yaml', 'gift-deliveries', 'AccessPolicy gift-deliveries as YAML'],
  ['/issuers', 'Trusted issuers', 'https://platform.example'],
  ['/issuers/new', 'New trusted issuer', 'Checking writes nothing.'],
  ['/issuers/try', 'Try a token', 'Token of the platform'],
  ['/issuers/platform', 'Platform', 'P-256, ES256'],
  ['/issuers/platform/edit', 'Platform', 'TrustedIssuer platform as YAML'],
  ['/try', 'Try it', 'Ask as a client'],
  ['/sessions', 'Sessions', 'book:1:read'],
  ['/audit', 'Audit trail', 'client.create'],
  ['/keys', 'Signing keys', 'RS256'],
  ['/configuration', 'Configuration', 'Plan and apply'],
  ['/nowhere', 'No such page', 'Go to the overview'],
];

/** The editors of all types are one component: that of policies stands for them in the second pass. */
const ALIKE = /^\/(?!policies).*\/(?:new|edit)$/;

const MAX_REQUESTS = 5;

if (!canBrowse) console.warn('The tests of the console are skipped: chromium is not installed.');

describe.skipIf(!canBrowse)('The pages of the console', { timeout: 120_000 }, () => {
  let server: TestServer;
  let browser: Browser;

  beforeAll(async () => {
    [server, browser] = await Promise.all([startServer(), startBrowser()]);
    await registerLibrary(server);
    const client = await aClient(server, 'gift-deliveries')
      .with({ name: 'Gift Deliveries', owner: 'gifts team', labels: { team: 'gifts' } })
      .withTokens({ audience: [LIBRARY] })
      .withGrant('book:*:read', '!book:13:read')
      .register();
    await client.token(NATIVE, { scope: 'book:1:read' });
    await admin(server).post('/Client/gift-deliveries/$hand-over', { description: 'for the pods' });
    await register(server, 'TrustedIssuer', 'platform', {
      name: 'Platform',
      issuer: 'https://platform.example',
      jwks: { keys: [(await Signer.make('ES256')).jwk] },
    });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  it.each([
    ['light', 1280],
    ['dark', 375],
  ] as const)(
    'are accessible, within their limits and without violations in %s at %i px',
    async (theme, width) => {
      const tab = await ConsoleTab.open(browser, server, {
        colorScheme: theme,
        viewport: { width, height: 800 },
        reducedMotion: 'reduce',
      });
      await tab.signIn();
      const found: string[] = [];
      const pages = theme === 'light' ? PAGES : PAGES.filter(([path]) => !ALIKE.test(path));
      for (const [path, title, shown] of pages) {
        await tab.go(path, title);
        await tab.page.getByText(shown).first().waitFor({ state: 'attached' });
        const faults = await tab.faults();
        await tab.picture(`${theme}-${path.replace(/\W+/g, '-').replace(/^-|-$/g, '') || 'overview'}`);
        if (tab.requests.length > MAX_REQUESTS)
          faults.push(`${tab.requests.length} requests: ${tab.requests}`);
        if ((await tab.overflow()) > 0) faults.push(`${await tab.overflow()} px too wide`);
        if (await tab.page.getByRole('alert').count()) faults.push('an error');
        found.push(...faults.map((fault) => `${path}: ${fault}`));
      }
      expect(found).toEqual([]);
      expect(tab.reports).toEqual([]);
      await tab.close();
    },
  );

  it.each(['light', 'dark'] as const)('open accessible dialogs and menus in %s at 375 px', async (theme) => {
    const tab = await ConsoleTab.open(browser, server, {
      colorScheme: theme,
      viewport: { width: 375, height: 800 },
      reducedMotion: 'reduce',
    });
    await tab.signIn();
    const click = (name: string | RegExp) => tab.page.getByRole('button', { name }).first().click();
    const found: string[] = [];
    const check = async (name: string) => {
      await tab.settled();
      const faults = await tab.faults();
      if ((await tab.overflow()) > 0) faults.push('too wide');
      found.push(...faults.map((fault) => `${name}: ${fault}`));
      await tab.picture(`${theme}-dialog-${name.replace(/\W+/g, '-')}`);
      await tab.page.keyboard.press('Escape');
    };
    await tab.go('/clients/gift-deliveries', 'Gift Deliveries');
    for (const name of ['API', 'Add secret', 'Hand over', 'More actions']) {
      await click(name);
      await check(name);
    }
    await tab.go('/clients/gift-deliveries/blast-radius', 'Gift Deliveries');
    await click('Contain');
    await check('Contain');
    await tab.go('/audit?action=client.create', 'Audit trail');
    await click(/^Show/);
    await check('Event');
    await click('Open the menu');
    await check('Menu');
    await tab.go('/try', 'Try it');
    await tab.page.getByLabel('Client id').fill('gift-deliveries');
    await tab.page.getByLabel('Scope').fill('book:1:read book:13:read');
    await click('Explain');
    await tab.page.getByText('A deny rule touches it').waitFor();
    await check('Explanation');
    expect(found).toEqual([]);
    expect(tab.reports).toEqual([]);
    await tab.close();
  });

  it('say that a search has no results, and keep it in the URL', async () => {
    const tab = await ConsoleTab.open(browser, server);
    await tab.signIn();
    await tab.go('/clients', 'Clients');
    await tab.page.getByLabel('Id or name').fill('no such name');
    await tab.page.getByText('No client matches').waitFor();
    expect(tab.page.url()).toBe(`${server.publicUrl}/console/clients?text=no+such+name`);
    for (const [path, title, text] of [
      ['/sessions?client=none', 'Sessions', 'No sessions'],
      ['/audit?client=none', 'Audit trail', 'No events match'],
      ['/policies?client=none', 'Policies', 'No policy matches'],
      ['/resources?audience=urn:none', 'Resources', 'No resource matches'],
      ['/issuers?name=none', 'Trusted issuers', 'No issuer matches'],
    ] as const) {
      await tab.go(path, title);
      await tab.page.getByText(text).waitFor();
    }
    expect(await tab.faults()).toEqual([]);
    await tab.close();
  });

  it('show the problem document of a failed request', async () => {
    const tab = await ConsoleTab.open(browser, server);
    await tab.signIn();
    for (const path of ['/clients/none', '/resources/none', '/policies/none', '/issuers/none']) {
      await tab.go(path, 'none');
      expect(await tab.page.getByRole('alert').innerText(), path).toContain('Not Found');
    }
    expect(await tab.faults()).toEqual([]);
    await tab.close();
  });

  it('repeat a search that the server gave up after a pause of four times what it took', async () => {
    const tab = await ConsoleTab.open(browser, server);
    await tab.page.clock.install();
    await tab.signIn();
    let asked = 0;
    await tab.page.route('**/Session?*', async (route) => {
      asked++;
      await tab.page.clock.runFor(2500);
      await route.fulfill({
        status: 503,
        json: { title: 'Service Unavailable', detail: 'it took too long' },
      });
    });
    await tab.go('/sessions', 'Sessions');
    await tab.page.getByText('it took too long').waitFor();
    await tab.page.clock.runFor(8_000);
    expect(asked).toBe(1);
    await tab.page.clock.runFor(4_000);
    await expect.poll(() => asked).toBe(2);
    await tab.close();
  });

  it('recover by themselves after the server was unreachable', async () => {
    const tab = await ConsoleTab.open(browser, server);
    await tab.signIn();
    await tab.settled();
    // The code of the other pages is loaded with the first of them.
    await tab.go('/clients', 'Clients');
    await tab.go('/policies/gift-deliveries/edit', 'gift-deliveries');
    await tab.page.getByLabel('Description').fill('written while the server was gone');
    await server.end('SIGTERM');
    await tab.page.getByRole('button', { name: 'Save' }).click();
    await tab.page.getByText('Send it again once the server is back').waitFor();
    expect(await tab.page.getByLabel('Description').inputValue()).toBe('written while the server was gone');
    await tab.go('/policies', 'Policies');
    await tab.page.getByText('The console asks again by itself').first().waitFor();
    await server.start();
    await tab.page.getByText('1 allow, 1 deny').waitFor();
    await expect.poll(() => tab.page.getByText('The server does not answer').count()).toBe(0);
    await tab.close();
  });
});
