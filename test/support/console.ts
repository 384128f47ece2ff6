import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page, Request } from 'playwright-core';
import { expect } from 'vitest';
import type { TestServer } from './server.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Where pictures of the pages are kept; without it none is taken. */
const pictures = process.env.TEST_SCREENSHOTS;

/** The code of all pages but the first, which is loaded ahead a while after it is shown. */
const LOADED_AHEAD = /\/assets\/(?:pages|MenuTrigger|DeleteDialog|Difference|js-yaml|libesm)-/;

interface Violation {
  id: string;
  nodes: { html: string; failureSummary: string }[];
}

/** The console in a tab of a browser, with what the browser reported and requested. */
export class ConsoleTab {
  /** Violations of the content security policy, and errors of scripts. */
  readonly reports: string[] = [];
  private pending = 0;
  /** What the first page needed since the tab was opened, compressed and without headers. */
  bytes = 0;
  /** Requests to the API since the last page was opened, as `METHOD /path`. */
  requests: string[] = [];

  private constructor(
    readonly page: Page,
    private readonly server: TestServer,
  ) {}

  static async open(browser: Browser, server: TestServer, options: BrowserContextOptions = {}) {
    const context = await browser.newContext(options);
    const tab = new ConsoleTab(await context.newPage(), server);
    tab.page.on('console', (message) => {
      if (/Content Security Policy|violates/i.test(message.text())) tab.reports.push(message.text());
    });
    tab.page.on('pageerror', (error) => tab.reports.push(error.message));
    tab.page.on('request', (request) => tab.note(request));
    tab.page.on('requestfailed', () => tab.pending--);
    tab.page.on('requestfinished', async (request) => {
      tab.pending--;
      if (LOADED_AHEAD.test(request.url())) return;
      // A tab that was closed meanwhile cannot tell any more.
      const { responseBodySize } = await request.sizes().catch(() => ({ responseBodySize: 0 }));
      tab.bytes += responseBodySize;
    });
    await tab.page.goto(`${server.publicUrl}/console`);
    return tab;
  }

  private note(request: Request): void {
    this.pending++;
    const { pathname, search } = new URL(request.url());
    if (!pathname.startsWith('/console')) this.requests.push(`${request.method()} ${pathname}${search}`);
  }

  async signIn(id = this.server.adminId, secret = this.server.adminSecret): Promise<void> {
    await this.page.getByLabel('Client id').fill(id);
    await this.page.getByLabel('Client secret').fill(secret);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
    await this.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  }

  /** Keeps a picture of what the window shows, where the environment asks for it. */
  async picture(name: string): Promise<void> {
    if (pictures === undefined) return;
    mkdirSync(pictures, { recursive: true });
    await this.page.screenshot({ path: join(pictures, `${name}.png`) });
  }

  /** Opens a page as a link of the console does, without loading it anew: that would forget the token. */
  async go(path: string, title: string | RegExp): Promise<void> {
    await this.settled();
    this.requests = [];
    const address = JSON.stringify(`/console${path}`);
    await this.page.evaluate(
      `history.pushState({}, '', ${address}); dispatchEvent(new PopStateEvent('popstate'))`,
    );
    await this.page.getByRole('heading', { level: 1, name: title }).waitFor();
    await this.settled();
  }

  /** Until nothing loads any more. */
  async settled(): Promise<void> {
    await this.page.evaluate(
      'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))',
    );
    await expect
      .poll(async () => this.pending + (await this.page.getByRole('status', { name: 'Loading' }).count()), {
        interval: 20,
      })
      .toBe(0);
  }

  /** What axe finds, as `rule: element`. */
  async faults(): Promise<string[]> {
    if (!(await this.page.evaluate('"axe" in window'))) await this.page.evaluate(axe);
    const violations = await this.page.evaluate(
      'axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations)',
    );
    return (violations as Violation[]).flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  }

  /** How many pixels the page is wider than the window. */
  overflow(): Promise<number> {
    return this.page.evaluate('document.documentElement.scrollWidth - innerWidth');
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
