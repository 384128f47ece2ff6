import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../../support/admin.js';
import { canBrowse, startBrowser } from '../../support/browser.js';
import { ConsoleTab } from '../../support/console.js';
import { NATIVE } from '../../support/dialects.js';
import { LIBRARY, registerLibrary } from '../../support/library.js';
import { aFederatedClient, GITHUB, Platform } from '../../support/platforms.js';
import { aClient, type TestClient } from '../../support/registration.js';
import { startServer, type TestServer } from '../../support/server.js';

if (!canBrowse) console.warn('The tests of the console are skipped: chromium is not installed.');

describe.skipIf(!canBrowse)('Operations in the console', { timeout: 60_000 }, () => {
  let server: TestServer;
  let root: Admin;
  let browser: Browser;
  let tab: ConsoleTab;
  let client: TestClient;
  let github: Platform;

  beforeAll(async () => {
    [server, browser, github] = await Promise.all([
      startServer({ env: { LATCHKEY_PRIVATE_JWKS_URI: 'allow' } }),
      startBrowser(),
      Platform.start(),
    ]);
    root = admin(server);
    await registerLibrary(server);
    client = await aClient(server, 'reader').withGrant('book:*:read', '!book:13:read').register();
    tab = await ConsoleTab.open(browser, server);
    await tab.signIn();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    await github?.stop();
  });

  const button = (name: string | RegExp) => tab.page.getByRole('button', { name });
  const dialog = () => tab.page.locator('.dialog');

  it('explains the items that a client would be granted, and suggests others', async () => {
    await tab.go('/try', 'Try it');
    await tab.page.getByLabel('Client id').fill('reader');
    await tab.page.getByLabel('Scope').fill('book:1:read book:13:read book:1:write');
    await button('Explain').click();
    const item = (scope: string) =>
      tab.page.getByRole('listitem').filter({ hasText: scope }).first().innerText();
    expect(await item('book:1:read')).toContain('Granted');
    expect(await item('book:13:read')).toMatch(/Refused[\s\S]*A deny rule touches it: reader, rule 2/);
    expect(await item('book:1:write')).toMatch(/No allow rule covers all of it[\s\S]*Would be granted/);
  });

  it('requests a token as a client, decodes it, and shows the error of the endpoint for a refusal', async () => {
    await tab.go('/try', 'Try it');
    await tab.page.getByLabel('Client id').fill('reader');
    await tab.page.getByLabel('Scope').fill('book:1:read');
    await tab.page.getByLabel('Audience').fill(LIBRARY);
    await tab.page.getByLabel('Request a real token').check();
    await tab.page.getByLabel('Client secret').fill('wrong secret');
    await button('Request a token').click();
    expect(await tab.page.getByRole('alert').innerText()).toContain('invalid_client');
    await tab.page.getByLabel('Client secret').fill(client.secret);
    await button('Request a token').click();
    await tab.page.getByText('A token was issued').waitFor();
    expect(await tab.page.getByText('The token is opaque').count()).toBe(1);
  });

  it('decodes a pasted token in the browser, and shows whether it is active', async () => {
    const token = await client.token(NATIVE, { audience: LIBRARY, scope: 'book:1:read' });
    await tab.go('/try', 'Try it');
    await tab.page.getByLabel('Access token').fill('eyJhbGciOiJub25lIn0.eyJzdWIiOiJzb21lb25lIn0.');
    expect(await tab.page.getByRole('region', { name: 'Claims' }).innerText()).toContain('"sub": "someone"');
    await tab.page.getByLabel('Access token').fill(token);
    await tab.page.getByLabel('Introspect as client').fill('reader');
    await tab.page.getByLabel('Its secret').fill(client.secret);
    await button('Introspect').click();
    await tab.page.getByText('The token is active', { exact: true }).waitFor();
    await root.delete('/Session?client=reader');
    await button('Introspect').click();
    await tab.page.getByText('The token is not active for this client').waitFor();
  });

  it('closes a session', async () => {
    await client.token(NATIVE, { audience: LIBRARY, scope: 'book:1:read' });
    await tab.go('/sessions?client=reader&active=true', 'Sessions');
    await button(/^Close the session/).click();
    const close = dialog().getByRole('button', { name: 'Close the session' });
    expect(await close.isDisabled()).toBe(true);
    await dialog().getByLabel('Type reader to confirm').fill('reader');
    await close.click();
    await tab.page.getByText('No sessions').waitFor();
    expect((await root.get('/Session?client=reader&active=true')).body.total).toBe(0);
  });

  it('says which clients can do an operation', async () => {
    await tab.go('/resources/book', 'book');
    await button('Who can read').click();
    await dialog().getByLabel('On which object').fill('1');
    await dialog().getByRole('link', { name: 'reader' }).waitFor();
    await dialog().getByLabel('On which object').fill('13');
    await dialog().getByRole('link', { name: 'reader' }).waitFor({ state: 'detached' });
    expect(await tab.faults()).toEqual([]);
  });

  it('explains why the token of a platform fits no rule', async () => {
    await github.trust(server, 'github', { shared: true, pins: ['repository_owner_id'] });
    await aFederatedClient(server, [{ issuer: 'github', ...GITHUB.rule }]);
    const token = await github.token(server, { ...GITHUB.claims, ...GITHUB.stranger });
    await tab.go('/issuers/github', 'github');
    await tab.page.getByLabel('Token of the platform').fill(token);
    await button('Try it').click();
    await tab.page.getByText('It would be refused').waitFor();
    const claim = tab.page.getByRole('listitem').filter({ hasText: 'repository_owner_id' });
    expect(await claim.innerText()).toContain('must be 65, is 66');
    await tab.page.getByLabel('Token of the platform').fill(await github.token(server, GITHUB.claims));
    await button('Try it').click();
    await tab.page.getByText('It would be accepted').waitFor();
  });

  it('proposes the rule that a token would fit, and adds it to a client after showing the difference', async () => {
    await aClient(server, 'deployer').register();
    const claims = { ...GITHUB.claims, ...GITHUB.stranger };
    await tab.go('/issuers/github', 'github');
    await tab.page.getByLabel('Token of the platform').fill(await github.token(server, claims));
    await button('Try it').click();
    const proposed = tab.page.getByRole('region', { name: 'The rule that would fit' });
    const rule = JSON.parse(await proposed.getByRole('region', { name: 'Rule', exact: true }).innerText());
    expect(rule).toEqual({
      issuer: 'github',
      subject: GITHUB.claims.sub,
      claims: { repository_owner_id: '66', repository_id: '74' },
    });
    const add = proposed.getByRole('button', { name: 'Add to the client' });
    await proposed.getByLabel('Client id').fill('missing');
    await add.click();
    expect(await proposed.getByRole('alert').innerText()).toContain('Not Found');
    await proposed.getByLabel('Client id').fill('deployer');
    await add.click();
    const difference = dialog().getByRole('region', { name: 'What would change' });
    await expect.poll(() => difference.innerText()).toMatch(/\+ federated:[\s\S]*\+ .*issuer: github/);
    expect(await tab.faults()).toEqual([]);
    await tab.picture('proposed-rule');
    expect((await root.get('/Client/deployer')).body.federated).toBeUndefined();

    await root.patch('/Client/deployer', { owner: 'someone else' });
    await dialog().getByRole('button', { name: 'Add the rule' }).click();
    await dialog().getByRole('alert').waitFor();
    expect((await root.get('/Client/deployer')).body.federated).toBeUndefined();
    await dialog().getByRole('button', { name: 'Cancel' }).click();
    await add.click();
    await dialog().getByRole('button', { name: 'Add the rule' }).click();
    await tab.page.getByText('It would be accepted').waitFor();
    expect((await root.get('/Client/deployer')).body.federated).toEqual([rule]);
    expect(tab.reports).toEqual([]);
  });

  it('says why no rule can be proposed for a token', async () => {
    const { repository_owner_id: _, ...unpinned } = GITHUB.claims;
    await tab.go('/issuers/try', 'Try a token');
    await tab.page.getByLabel('Token of the platform').fill(await github.token(server, unpinned));
    await button('Try it').click();
    await tab.page.getByText('No rule can be proposed for this token').waitFor();
    expect(await tab.faults()).toEqual([]);
  });

  it('plans a Bundle without writing, and applies it after typing', async () => {
    await tab.go('/configuration', 'Configuration');
    await button('Plan').click();
    expect(await tab.page.getByRole('row').filter({ hasText: 'Client/bundled' }).innerText()).toContain(
      'Created',
    );
    expect((await root.get('/Client/bundled')).status).toBe(404);
    await button('Apply').click();
    await dialog().getByLabel('Type apply to confirm').fill('apply');
    await dialog().getByRole('button', { name: 'Apply' }).click();
    await dialog().waitFor({ state: 'detached' });
    expect((await root.get('/Client/bundled')).status).toBe(200);
    await button('Plan').click();
    expect(await tab.page.getByRole('row').filter({ hasText: 'Client/bundled' }).innerText()).toContain(
      'Unchanged',
    );
  });

  it('exports every document as a Bundle that changes nothing', async () => {
    await tab.go('/configuration', 'Configuration');
    await button('Export all documents').click();
    const bundle = await tab.page.getByRole('region', { name: 'All documents' }).innerText();
    const answer = await root.post('/?_dryRun=true', bundle, { 'content-type': 'text/yaml' });
    expect(answer.status, answer.text).toBe(200);
    const outcomes = answer.body.entry.map(({ response }: any) => response.outcome);
    expect(new Set(outcomes)).toEqual(new Set(['unchanged']));
    expect(outcomes.length).toBeGreaterThan(6);
  });

  it('shows what an event changed, and its place in the chain', async () => {
    await root.patch('/Client/reader', { owner: 'library team' });
    await tab.go('/audit?action=client.update&client=reader', 'Audit trail');
    await button(/^Show event/)
      .first()
      .click();
    const difference = dialog().getByRole('region', { name: 'What changed' });
    await expect.poll(() => difference.innerText()).toContain('+ owner: library team');
    const [event] = (await root.get('/AuditEvent?action=client.update&client=reader')).body.entry;
    expect(await dialog().innerText()).toContain(event.resource.hash);
    expect(await tab.faults()).toEqual([]);
  });

  it('announces the successors of signing keys', async () => {
    await tab.go('/keys', 'Signing keys');
    await button('Announce successors').click();
    await dialog().getByRole('button', { name: 'Announce' }).click();
    await tab.page.getByText('Announced', { exact: true }).waitFor();
    const states = (await root.get('/SigningKey')).body.entry.map(({ resource }: any) => resource.state);
    expect(states.sort()).toEqual(['announced', 'current']);
  });
});
