import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../../support/admin.js';
import { canBrowse, startBrowser } from '../../support/browser.js';
import { ConsoleTab } from '../../support/console.js';
import { basic, form } from '../../support/http.js';
import { rememberSecret } from '../../support/leaks.js';
import { LIBRARY, registerLibrary } from '../../support/library.js';
import { aClient, register } from '../../support/registration.js';
import { startServer, type TestServer } from '../../support/server.js';

if (!canBrowse) console.warn('The tests of the console are skipped: chromium is not installed.');

describe.skipIf(!canBrowse)('Clients in the console', { timeout: 60_000 }, () => {
  let server: TestServer;
  let root: Admin;
  let browser: Browser;
  let tab: ConsoleTab;

  beforeAll(async () => {
    [server, browser] = await Promise.all([startServer(), startBrowser()]);
    root = admin(server);
    await registerLibrary(server);
    tab = await ConsoleTab.open(browser, server);
    await tab.signIn();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  const button = (name: string | RegExp) => tab.page.getByRole('button', { name });
  /** Messages that something was done have the same role. */
  const dialog = () => tab.page.locator('.dialog');
  /** Confirms by typing, which alone makes the button work. */
  const confirm = async (word: string, action: string) => {
    const go = dialog().getByRole('button', { name: action });
    expect(await go.isDisabled()).toBe(true);
    await dialog().getByLabel(`Type ${word} to confirm`).fill(word);
    await go.click();
    await dialog().waitFor({ state: 'detached' });
  };
  const tokenOf = (id: string, secret: string, fields: Record<string, string> = {}) =>
    form(`${server.url}/auth/token`, { grant_type: 'client_credentials', ...fields }, basic(id, secret));

  it('leads from nothing to a command that works, and shows the secret once', async () => {
    await tab.go('/clients', 'Clients');
    await tab.page.getByRole('link', { name: 'New client' }).click();
    await tab.page.getByLabel('Client id').fill('first');
    await tab.page.getByRole('group', { name: /^book/ }).getByLabel('read').check();
    await button('Create, and show the command').click();
    const secret = await tab.page.getByRole('region', { name: 'Client secret' }).innerText();
    rememberSecret(secret);
    expect(await tab.page.evaluate('document.activeElement.id')).toBe('main');
    const command = await tab.page.getByRole('tabpanel').innerText();
    expect(command).toContain(`curl -u "first:$CLIENT_SECRET" ${server.publicUrl}/auth/token`);
    expect(command).toContain(`-d audience=${LIBRARY}`);
    const { status, body } = await tokenOf('first', secret, { audience: LIBRARY });
    expect([status, body.scope]).toEqual([200, 'book:*:read']);

    await tab.page.getByRole('link', { name: 'Open the client' }).click();
    await tab.page.getByRole('heading', { level: 1, name: 'first' }).waitFor();
    await tab.settled();
    expect(await tab.page.content()).not.toContain(secret);
    await tab.page.goBack();
    await tab.page.getByRole('heading', { level: 1, name: 'New client' }).waitFor();
    expect(await tab.page.content()).not.toContain(secret);
  });

  it('lets a new client use the audience of the server beside others, where it was chosen', async () => {
    await tab.go('/clients/new', 'New client');
    await tab.page.getByLabel('Client id').fill('both');
    for (const name of [/^book/, /^diary/]) {
      await tab.page.getByRole('group', { name }).getByLabel('read').check();
    }
    await button('Create, and show the command').click();
    const secret = await tab.page.getByRole('region', { name: 'Client secret' }).innerText();
    rememberSecret(secret);
    const own = await tokenOf('both', secret, { audience: `${server.publicUrl}/`, scope: 'diary:1:read' });
    expect([own.status, own.body.scope]).toEqual([200, 'diary:1:read']);
    await tab.page.getByRole('link', { name: 'Open the client' }).click();
    await tab.page.getByRole('heading', { level: 1, name: 'both' }).waitFor();
  });

  it('creates nothing if a part is refused, and names the part', async () => {
    await tab.go('/clients/new', 'New client');
    await tab.page.getByLabel('Client id').fill('deploy');
    await tab.page.getByLabel('GitHub Actions').check();
    await tab.page.getByLabel('Subject').fill('**');
    await tab.page.getByLabel('Repository owner id').fill('');
    await tab.page.getByLabel('Repository owner id').fill('65');
    await tab.page.getByLabel('Client id').fill('not an id');
    await button('Create, and show the command').click();
    expect(await tab.page.getByRole('alert').innerText()).toContain('id');
    expect((await root.get('/TrustedIssuer/github')).status).toBe(404);
    await tab.page.getByLabel('Client id').fill('deploy');
    await tab.page.getByLabel('Subject').fill('repo:acme/*:ref:refs/heads/main');
    await button('Create, and show the command').click();
    await tab.page.getByRole('heading', { level: 1, name: 'deploy is ready' }).waitFor();
    expect((await root.get('/Client/deploy')).body.federated).toEqual([
      { issuer: 'github', subject: 'repo:acme/*:ref:refs/heads/main', claims: { repository_owner_id: '65' } },
    ]);
  });

  it('adds a secret beside the others, and ends one by its id after typing', async () => {
    const client = await aClient(server, 'rotated').register();
    await tab.go('/clients/rotated', 'rotated');
    await button('Add secret').click();
    await dialog().getByLabel('Description').fill('new region');
    await dialog().getByRole('button', { name: 'Add secret' }).click();
    const added = await dialog().getByRole('region', { name: 'Client secret' }).innerText();
    rememberSecret(added);
    expect(await tab.faults()).toEqual([]);
    await dialog().getByRole('button', { name: 'I have stored it' }).click();
    await dialog().waitFor({ state: 'detached' });
    await tab.page.getByText('new region', { exact: true }).waitFor();
    expect(await tab.page.content()).not.toContain(added);
    for (const secret of [client.secret, added]) expect((await tokenOf('rotated', secret)).status).toBe(200);

    const [old] = (await root.get('/Client/rotated')).body.secrets.filter(
      ({ description }: { description?: string }) => description === undefined,
    );
    await button(`End the secret ${old.id}`).click();
    await confirm(old.id.slice(0, 8), 'End the secret');
    expect((await tokenOf('rotated', client.secret)).status).toBe(401);
    expect((await tokenOf('rotated', added)).status).toBe(200);
  });

  it('disables a client, enables it, closes its sessions and deletes it, each after typing', async () => {
    const client = await aClient(server, 'leaving').withGrant('book:*:read').register();
    await tokenOf(client.id, client.secret);
    await tab.go('/clients/leaving', 'leaving');
    const choose = async (name: string) => {
      await button('More actions').click();
      await tab.page.getByRole('menuitem', { name }).click();
    };
    await choose('Close all sessions');
    await confirm('leaving', 'Close all sessions');
    expect((await root.get('/Session?client=leaving&active=true')).body.total).toBe(0);
    await choose('Disable');
    await confirm('leaving', 'Disable');
    await tab.page.getByText('Disabled', { exact: true }).waitFor();
    expect((await root.get('/Client/leaving')).body.active).toBe(false);
    await choose('Enable');
    await tab.page.getByText('Active', { exact: true }).waitFor();
    await choose('Delete');
    await dialog().getByText('AccessPolicy/leaving').waitFor();
    await confirm('leaving', 'Delete');
    await tab.page.getByRole('heading', { level: 1, name: 'Clients' }).waitFor();
    expect((await root.get('/Client/leaving')).status).toBe(404);
  });

  it('finds many clients a page at a time, with one request for each page', async () => {
    const names = Array.from({ length: 60 }, (_, at) => `many-${String(at).padStart(2, '0')}`);
    const entry = names.map((name) => ({
      request: { method: 'PUT', url: `Client/${name}` },
      resource: {
        name,
        grant_types: ['client_credentials'],
        jwks_uri: 'https://client.example/jwks',
        token_endpoint_auth_method: 'private_key_jwt',
      },
    }));
    expect((await root.post('/', { type: 'transaction', entry })).status).toBe(200);
    await tab.go('/clients?text=many', 'Clients');
    expect(tab.requests).toEqual(['GET /Client?text=many&_count=25']);
    await tab.page.getByText('25 of 60').waitFor();
    await button('Next page').click();
    await tab.page.getByText('many-25').first().waitFor();
    expect(tab.requests).toHaveLength(2);
    await tab.page.goBack();
    await tab.page.getByText('many-00').first().waitFor();
  });

  it('compares what a policy change means for all of its clients', async () => {
    await register(server, 'AccessPolicy', 'wide', {
      engine: 'rules',
      link: Array.from({ length: 53 }, (_, at) => ({
        resourceType: 'Client',
        id: `many-${String(at).padStart(2, '0')}`,
      })),
      rules: [{ effect: 'allow', resource: 'book', identifier: '*', operations: ['read'] }],
    });
    await tab.go('/policies/wide/edit', 'wide');
    const rule = tab.page.getByRole('group', { name: 'Rule 1' });
    await rule.getByLabel('write').check();
    await rule.getByLabel('read', { exact: true }).uncheck();
    await button('Check').click();
    await tab.page.getByText('53 clients lose 53 permissions, 53 clients gain 53 permissions.').waitFor();
    const changes = tab.page.getByRole('region', { name: 'What clients would gain and lose' });
    expect(await changes.getByRole('row').count()).toBe(107);
    expect(await tab.faults()).toEqual([]);
  });

  it('disables all clients that a search finds on several pages in one write, after typing their number', async () => {
    await tab.go('/clients?text=many', 'Clients');
    await tab.page.getByLabel('Select all clients of this page').check();
    await tab.page.getByText('25 clients selected').waitFor();
    await button('Select all 60 clients that match').click();
    await tab.page.getByText('60 clients selected').waitFor();
    expect(await tab.faults()).toEqual([]);
    await root.patch('/Client/many-59', { owner: 'someone else' });
    const disable = dialog().getByRole('button', { name: 'Disable' });
    await button('Disable 60').click();
    await dialog().getByText('and 35 more').waitFor();
    expect(await disable.isDisabled()).toBe(true);
    await dialog().getByLabel('Type disable 60 to confirm').fill('disable 60');
    await disable.click();
    await dialog().getByRole('alert').waitFor();
    const active = async () => (await root.get('/Client?text=many&active=true')).body.total;
    expect(await active()).toBe(60);
    await tab.settled();
    tab.requests = [];
    await disable.click();
    await dialog().waitFor({ state: 'detached' });
    expect(tab.requests.filter((one) => !one.startsWith('GET '))).toEqual(['POST /']);
    expect(await active()).toBe(0);
    await tab.page.getByText('60 clients selected').waitFor({ state: 'detached' });
  });

  it('shows the deciding rule of each permission', async () => {
    await aClient(server, 'decided').withGrant('book:*:read', '!book:13:read').register();
    await tab.go('/clients/decided/permissions', 'decided');
    const row = (name: string) => tab.page.getByRole('row').filter({ hasText: name }).innerText();
    expect(await row('book:13:read')).toMatch(
      /Not granted[\s\S]*A deny rule touches it[\s\S]*by decided, rule 2/,
    );
    expect(await row('page:*:turn')).toMatch(/Not granted[\s\S]*No allow rule covers all of it/);
    // Of the server's own audience.
    expect(await row('diary:*:read')).toMatch(/Not granted/);
    await tab.page.getByText('Not shown: geocode:location.').waitFor();
  });

  it('checks a document before it is written, and shows invalid members beside it', async () => {
    await register(server, 'AccessPolicy', 'edited', {
      engine: 'allow',
      link: [{ resourceType: 'Client', id: 'root' }],
    });
    await tab.go('/policies/edited/edit?as=yaml', 'edited');
    const editor = tab.page.getByLabel('AccessPolicy edited as YAML');
    await editor.fill(
      'engine: rules\nlink: [{resourceType: Client, id: root}]\nrules:\n  - {effect: allow, resource: book, identifier: "*", operations: [fly]}\n',
    );
    await button('Check').click();
    expect(await tab.page.getByRole('alert').innerText()).toContain('rules[0].operations[0]');
    await editor.fill(
      'engine: rules\nlink: [{resourceType: Client, id: root}]\nrules:\n  - {effect: allow, resource: book, identifier: "*", operations: [read]}\n',
    );
    await button('Check').click();
    await tab.page.getByText('Saving would change this').waitFor();
    expect(await tab.page.getByRole('region', { name: 'What would change' }).innerText()).toContain(
      '+ engine: rules',
    );
    expect((await root.get('/AccessPolicy/edited')).body.engine).toBe('allow');
    await button('Save').click();
    await tab.page.getByRole('heading', { level: 2, name: 'Rules' }).waitFor();
    expect((await root.get('/AccessPolicy/edited')).body.engine).toBe('rules');
  });

  it('does not overwrite a concurrent change, and shows the difference', async () => {
    await aClient(server, 'contested').register();
    await tab.go('/clients/contested/edit', 'contested');
    const editor = tab.page.getByLabel('Client contested as YAML');
    await expect.poll(() => editor.inputValue()).toContain('active: true');
    await root.patch('/Client/contested', { owner: 'someone else' });
    await editor.fill('name: Mine\nactive: true\ngrant_types: [client_credentials]\n');
    await button('Save').click();
    await tab.page.getByText('Someone changed this since you opened it').waitFor();
    const difference = tab.page.getByRole('region', { name: 'What others changed' });
    await expect.poll(() => difference.innerText()).toContain('+ owner: someone else');
    expect((await root.get('/Client/contested')).body.name).toBeUndefined();
    await button('Write mine over it').click();
    await tab.page.getByRole('heading', { level: 1, name: 'Mine' }).waitFor();
    const { name, owner } = (await root.get('/Client/contested')).body;
    expect([name, owner]).toEqual(['Mine', undefined]);
  });
});
