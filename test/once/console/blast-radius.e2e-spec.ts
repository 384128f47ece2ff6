import { decodeJwt } from 'jose';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../../support/admin.js';
import { canBrowse, startBrowser } from '../../support/browser.js';
import { ConsoleTab } from '../../support/console.js';
import { AUTH0, NATIVE } from '../../support/dialects.js';
import { LIBRARY, registerLibrary } from '../../support/library.js';
import { aClient, type TestClient } from '../../support/registration.js';
import { startServer, type TestServer } from '../../support/server.js';

const MAX_REQUESTS = 5;

if (!canBrowse) console.warn('The tests of the console are skipped: chromium is not installed.');

describe.skipIf(!canBrowse)('The blast radius in the console', { timeout: 60_000 }, () => {
  let server: TestServer;
  let root: Admin;
  let browser: Browser;
  let leaked: TestClient;

  beforeAll(async () => {
    [server, browser] = await Promise.all([startServer(), startBrowser()]);
    root = admin(server);
    await registerLibrary(server);
    leaked = await aClient(server, 'leaked')
      .withGrant('book:*:read', '!book:13:read', 'page:7:turn')
      .register();
    await aClient(server, 'twin').with({ secret: leaked.secret }).register();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  async function signedIn(id?: string, secret?: string): Promise<ConsoleTab> {
    const tab = await ConsoleTab.open(browser, server);
    await tab.signIn(id, secret);
    return tab;
  }

  it('shows what a credential opens and who shares it, and until when it is accepted once contained', async () => {
    const jwt = await leaked.token(AUTH0, { audience: LIBRARY });
    await leaked.token(NATIVE);
    const end = new Date((decodeJwt(jwt).exp as number) * 1000).toISOString();
    const tab = await signedIn();
    await tab.go('/clients/leaked/blast-radius', 'leaked');
    expect(new Set(tab.requests).size).toBeLessThanOrEqual(MAX_REQUESTS);
    const opens = tab.page.getByRole('region', { name: 'What it opens' });
    const rows = await opens.locator('tbody tr').allInnerTexts();
    expect(rows.map((row) => row.replace(/\s+/g, ' '))).toEqual([
      'book urn:library read on everything, except what deny rules exclude',
      'page urn:library turn on 7',
    ]);
    const card = tab.page.locator('.card').filter({ hasText: 'If a credential leaked' });
    expect((await card.innerText()).replace(/\s+/g, ' ')).toMatch(
      /Accepted Live tokens 2 JWTs end .* Shared with twin the same secret/,
    );
    expect(await tab.page.getByRole('region', { name: 'Last uses' }).innerText()).toMatch(
      /secret [\s\S]*127\.0\.0\.1/,
    );
    expect(await tab.faults()).toEqual([]);
    await tab.picture('blast-radius');

    const dialog = tab.page.locator('.dialog');
    await tab.page.getByRole('button', { name: 'Contain' }).click();
    const contain = dialog.getByRole('button', { name: 'Contain' });
    expect(await contain.isDisabled()).toBe(true);
    expect(await tab.faults()).toEqual([]);
    await dialog.getByLabel('Reason, for the audit trail').fill('secret in a public repository');
    await dialog.getByLabel('Type leaked to confirm').fill('leaked');
    await contain.click();
    await dialog.waitFor({ state: 'detached' });
    const note = tab.page.locator('.note').filter({ hasText: 'Contained: the client is disabled' });
    await note.waitFor();
    expect(await note.locator('time').getAttribute('datetime')).toBe(end);
    expect(await card.innerText()).toMatch(/Refused\s+Because\s+the client is disabled\s+Live tokens\s+0/);
    expect(await tab.page.getByRole('button', { name: 'Contain' }).count()).toBe(0);
    expect(await tab.faults()).toEqual([]);
    await tab.picture('contained');
    expect((await root.get('/Client/leaked')).body.active).toBe(false);
    const [event] = (await root.get('/AuditEvent?client=leaked&action=client.contain')).body.entry;
    expect(event.resource.detail.reason).toBe('secret in a public repository');
    expect(tab.reports).toEqual([]);
    await tab.close();
  });

  it('says that no API accepts a contained client that has no JWT', async () => {
    await aClient(server, 'silent').with({ active: false }).register();
    const tab = await signedIn();
    await tab.go('/clients/silent/blast-radius', 'silent');
    await tab.page.getByText('No JWT of it is valid any more').waitFor();
    await tab.page.getByText('Never used').waitFor();
    await tab.page.getByText('No policy grants this client anything.').waitFor();
    await tab.close();
  });

  it('offers to contain only what the caller may update and whose sessions it may close', async () => {
    const reading = ['Client:*:read', 'Session:*:read', 'AccessPolicy:*:read'];
    for (const [id, missing, ...rules] of [
      ['closer', 'Client:twin:update', 'Session:*:delete'],
      ['changer', 'Session:twin:delete', 'Client:*:update'],
    ] as const) {
      const caller = await aClient(server, id)
        .withGrant(...reading, ...rules)
        .register();
      const tab = await signedIn(caller.id, caller.secret);
      await tab.go('/clients/twin/blast-radius', 'twin');
      const contain = tab.page.getByRole('button', { name: 'Contain' });
      await expect.poll(() => contain.getAttribute('aria-disabled')).toBe('true');
      expect(await contain.getAttribute('title')).toContain(missing);
      await tab.close();
    }
  });
});
