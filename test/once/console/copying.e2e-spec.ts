import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { load } from 'js-yaml';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../../support/admin.js';
import { canBrowse, startBrowser } from '../../support/browser.js';
import { ConsoleTab } from '../../support/console.js';
import { rememberSecret } from '../../support/leaks.js';
import { registerLibrary } from '../../support/library.js';
import { aClient, aResource, register } from '../../support/registration.js';
import { startServer, type TestServer } from '../../support/server.js';

const run = promisify(execFile);

if (!canBrowse) console.warn('The tests of the console are skipped: chromium is not installed.');

describe.skipIf(!canBrowse)('What the console gives to copy', { timeout: 60_000 }, () => {
  let server: TestServer;
  let root: Admin;
  let browser: Browser;
  let tab: ConsoleTab;

  beforeAll(async () => {
    [server, browser] = await Promise.all([startServer(), startBrowser()]);
    root = admin(server);
    await registerLibrary(server);
    await aClient(server, 'reader').withGrant('book:*:read').register();
    tab = await ConsoleTab.open(browser, server);
    await tab.signIn();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  const button = (name: string | RegExp) => tab.page.getByRole('button', { name });
  const dialog = () => tab.page.locator('.dialog');
  const curlOfPage = async () => {
    await button('API').click();
    return dialog().getByRole('region', { name: 'As curl' }).innerText();
  };
  const pasted = async (command: string) => {
    const env = { ...process.env, ROOT: `${server.adminId}:${server.adminSecret}` };
    return (await run('sh', ['-c', `${command} -sS --fail-with-body`], { env })).stdout;
  };

  it('shows each page as curl and as YAML, which agree when the command is pasted', async () => {
    const pages: [path: string, title: string][] = [
      ['/clients/reader', 'reader'],
      ["/clients?text=o'reader", 'Clients'],
      ['/resources/book', 'book'],
      ['/policies?client=reader', 'Policies'],
      ['/issuers', 'Trusted issuers'],
      ['/keys', 'Signing keys'],
    ];
    for (const [path, title] of pages) {
      await tab.go(path, title);
      const curl = await curlOfPage();
      expect(curl, path).toMatch(/^curl -u "\$ROOT" '[^']+' \\\n {2}-H 'Accept: text\/yaml'$/);
      const shown = () => dialog().getByRole('region', { name: 'As YAML' }).innerText();
      await expect.poll(async () => load(await shown()), { message: path }).toEqual(load(await pasted(curl)));
      await tab.page.keyboard.press('Escape');
    }
  });

  it('shows questions and writes as curl as well', async () => {
    await tab.go('/try', 'Try it');
    await tab.page.getByLabel('Client id').fill('reader');
    await tab.page.getByLabel('Scope').fill("book:1:read it's");
    await button('Explain').click();
    expect(load(await pasted(await curlOfPage()))).toMatchObject({
      items: [{ scope: 'book:1:read', granted: true }, { scope: "it's" }],
    });
    await tab.page.keyboard.press('Escape');
    await tab.go('/clients/new', 'New client');
    await tab.page.getByLabel('Client id').fill('pasted');
    await tab.page.getByRole('group', { name: /^book/ }).getByLabel('read').check();
    await pasted(await curlOfPage());
    expect((await root.get('/AccessPolicy/pasted')).body.rules[0].operations).toEqual(['read']);
    await tab.page.keyboard.press('Escape');
    await tab.go('/configuration', 'Configuration');
    expect(await curlOfPage()).toContain(`'${server.publicUrl}/?_dryRun=true'`);
    await tab.page.keyboard.press('Escape');
  });

  it('gives a first command that works for an audience with characters of a shell and of a form', async () => {
    const audience = "https://api.example/?a=1&b='2+2'";
    await aResource(server, 'odd', ['read'], { audience });
    const client = await aClient(server, 'odd-client')
      .withTokens({ audience: [audience] })
      .withGrant('odd:*:read')
      .register();
    await tab.go('/clients/odd-client', 'odd-client');
    const command = await tab.page.getByRole('region', { name: 'curl' }).innerText();
    const env = { ...process.env, CLIENT_SECRET: client.secret };
    const { stdout } = await run('sh', ['-c', `${command} -sS --fail-with-body`], { env });
    rememberSecret(JSON.parse(stdout).access_token);
    expect(JSON.parse(stdout).scope).toBe('read');
  });

  it('copies a command where the browser has no clipboard for scripts, as over plain HTTP', async () => {
    const plain = await ConsoleTab.open(browser, server);
    await plain.page.addInitScript("Object.defineProperty(navigator, 'clipboard', { value: undefined })");
    await plain.page.reload();
    await plain.signIn();
    await plain.go('/resources/book', 'book');
    await plain.page.getByRole('button', { name: 'Copy' }).first().click();
    await plain.page.getByText('Copied').waitFor();
    await plain.go('/try', 'Try it');
    await plain.page.getByLabel('Access token').focus();
    await plain.page.keyboard.press('Control+V');
    expect(await plain.page.getByLabel('Access token').inputValue()).toContain(
      `curl -i "${server.publicUrl}/auth/verify?`,
    );
    expect(plain.reports).toEqual([]);
    await plain.close();
  });

  it('previews what clients of an API read of it, and the check of each gateway', async () => {
    await register(server, 'Resource', 'notes', {
      uri: 'https://mcp.example/notes',
      operations: [{ name: 'read' }],
    });
    await tab.go('/resources/notes', 'notes');
    const metadata = await tab.page.getByRole('region', { name: 'Metadata' }).innerText();
    expect(JSON.parse(metadata)).toMatchObject({
      resource: 'https://mcp.example/notes',
      authorization_servers: [`${server.publicUrl}/`],
    });
    await tab.page.getByText('https://mcp.example/.well-known/oauth-protected-resource/notes').waitFor();
    const names = await tab.page.getByRole('tab').allInnerTexts();
    expect(names).toEqual(['curl', 'nginx', 'Caddy', 'Traefik', 'Node.js']);
    expect(tab.requests.length).toBeLessThanOrEqual(5);
    expect(await tab.faults()).toEqual([]);
  });
});
