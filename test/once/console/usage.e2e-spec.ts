import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../../support/admin.js';
import { canBrowse, startBrowser } from '../../support/browser.js';
import { DAY_MS, TestClock } from '../../support/clock.js';
import { ConsoleTab } from '../../support/console.js';
import { NATIVE } from '../../support/dialects.js';
import { bearer, get } from '../../support/http.js';
import { LIBRARY, registerLibrary } from '../../support/library.js';
import { aClient, register } from '../../support/registration.js';
import { startServer, type TestServer } from '../../support/server.js';

if (!canBrowse) console.warn('The tests of the console are skipped: chromium is not installed.');

describe.skipIf(!canBrowse)('Granted and used in the console', { timeout: 60_000 }, () => {
  const clock = new TestClock();
  let server: TestServer;
  let root: Admin;
  let browser: Browser;
  let tab: ConsoleTab;

  beforeAll(async () => {
    [server, browser] = await Promise.all([startServer({ env: clock.env }), startBrowser()]);
    root = admin(server);
    await registerLibrary(server);
    const client = await aClient(server, 'reader').withGrant("book:o'hara:read", 'book:*:write').register();
    await aClient(server, 'second').register();
    await register(server, 'AccessPolicy', 'shared', {
      engine: 'rules',
      link: ['reader', 'second'].map((id) => ({ resourceType: 'Client', id })),
      rules: [{ effect: 'allow', resource: 'page', identifier: '*', operations: ['turn'] }],
    });
    await clock.set(91 * DAY_MS);
    await aClient(server, 'young').withGrant('book:*:read').register();
    const token = await client.token(NATIVE, { audience: LIBRARY, scope: "book:o'hara:read" });
    const asked = await get(`${server.url}/auth/verify?scope=book:o'hara:read`, bearer(token));
    expect(asked.status).toBe(200);
    tab = await ConsoleTab.open(browser, server);
    await tab.signIn();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    clock.remove();
  });

  it('are compared, with a patch that can be sent as it is shown', async () => {
    await tab.go('/clients/reader', 'reader');
    const table = tab.page.getByRole('region', { name: 'Granted and used' });
    const rows = await table.locator('tbody tr').allInnerTexts();
    expect(rows.map((row) => row.split(/\s+/).slice(0, 2))).toEqual([
      ["book:o'hara:read", 'Used'],
      ['book:*:write', 'Unused'],
      ['page:*:turn', 'Unused'],
    ]);
    await tab.page.getByText('is linked to another client as well').waitFor();
    const patch = tab.page.getByRole('region', { name: 'Patch of reader' });
    const curl = await patch.getByRole('tabpanel').innerText();
    expect(curl).toContain(`-X PATCH '${server.publicUrl}/AccessPolicy/reader'`);
    const [, headers = '', body = ''] = curl.split(' \\\n');
    const version = /If-Match: ("\d+")/.exec(headers)?.[1] ?? '';
    const sent = JSON.parse(
      body
        .split("'")
        .slice(1)
        .join("'")
        .replaceAll(String.raw`'\''`, "'")
        .replace(/'\s*(Copy)?\s*$/, ''),
    );
    const answer = await root.patch('/AccessPolicy/reader', sent, { 'if-match': version });
    expect([answer.status, answer.body.rules]).toEqual([
      200,
      [{ effect: 'allow', resource: 'book', identifier: "o'hara", operations: ['read'] }],
    ]);
    await patch.getByRole('tab', { name: 'YAML' }).click();
    await patch.getByText('resourceType: AccessPolicy').waitFor();
    expect(await tab.faults()).toEqual([]);
    expect(tab.reports).toEqual([]);
  });

  it('call nothing unused that was not watched for long enough', async () => {
    await tab.go('/clients/young', 'young');
    await tab.page.getByText('Too early to call anything unused').waitFor();
    expect(await tab.page.getByText('Unused', { exact: true }).count()).toBe(0);
    await tab.go('/clients/second', 'second');
    await tab.page.getByText('page:*:turn').waitFor();
  });
});
