import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { debianProgram } from '../../support/debian-program.js';
import { DIALECTS } from '../../support/dialects.js';
import { bearer, form, get } from '../../support/http.js';
import { LIBRARY, READ_BOOK_1, registerLibrary } from '../../support/library.js';
import { type MeteredServer, startMetered } from '../../support/metrics.js';
import { type Prometheus, prometheusExamples, startPrometheus } from '../../support/prometheus.js';
import { aClient } from '../../support/registration.js';

const program = await debianProgram('prometheus');
const promtool = program && join(dirname(program), 'promtool');

const root = fileURLToPath(new URL('../../../', import.meta.url));
const example = (file: string) => readFileSync(join(prometheusExamples, file), 'utf8');

/** Its value is part of the tests of the alerts. */
const ONLY_WITH_TLS = 'latchkey_tls_certificate_expiry_timestamp_seconds';

const alertNames = (): string[] =>
  parse(example('latchkey-alerts.yml')).groups.flatMap(({ rules }: { rules: { alert: string }[] }) =>
    rules.map(({ alert }) => alert),
  );

/** The queries of the dashboard, with what Grafana would put in place of its variables. */
function dashboardQueries(): string[] {
  const { panels } = JSON.parse(example('grafana-dashboard.json'));
  return panels.flatMap(({ targets = [] }: { targets?: { expr: string }[] }) =>
    targets.map(({ expr }) => expr.replaceAll('$__rate_interval', '1m').replaceAll('$instance', '.*')),
  );
}

/** The names of metrics in an expression of PromQL, without the suffixes of histograms. */
const metricsIn = (expression: string): string[] =>
  [...expression.matchAll(/\b(?:latchkey|nodejs|process)_\w+/g)].map(([name]) =>
    name.replace(/_(?:bucket|sum|count)$/, ''),
  );

/** The first column of the tables of docs/monitoring.md that list metrics. */
const documented = (): string[] =>
  [
    ...readFileSync(join(root, 'docs/monitoring.md'), 'utf8').matchAll(
      /^\| `((?:latchkey|nodejs|process)_\w+)`/gm,
    ),
  ]
    .map(([, name]) => String(name))
    .sort();

let metered: MeteredServer;

beforeAll(async () => {
  metered = await startMetered();
  await registerLibrary(metered.server);
});
afterAll(async () => {
  await metered?.server.stop();
});

/** A request of every kind. */
async function useAll(): Promise<void> {
  const { server } = metered;
  const client = await aClient(server).withGrant('book:1:read').register();
  for (const dialect of DIALECTS) {
    const token = await client.token(dialect, READ_BOOK_1);
    await get(`${server.url}/auth/verify?scope=book:1:read`, bearer(token));
    await form(`${server.url}/auth/introspect`, { token }, client.basic);
    await form(`${server.url}/auth/revoke`, { token }, client.basic);
    await client.ask(dialect, { audience: LIBRARY, scope: 'book:2:read' });
  }
}

describe('docs/monitoring.md', () => {
  it('lists exactly the metrics of a scrape', async () => {
    await useAll();
    const { names } = await metered.scrape();
    expect([...names, ONLY_WITH_TLS].sort()).toEqual(documented());
  });

  it('describes every alert', () => {
    const text = readFileSync(join(root, 'docs/monitoring.md'), 'utf8');
    const described = [...text.matchAll(/^\| `(Latchkey\w+)`/gm)].map(([, name]) => name);
    expect(described).toEqual(alertNames());
  });
});

describe('The dashboard', () => {
  it('has a title, a unit and queries of known metrics in every panel', () => {
    const known = documented();
    const { panels, uid } = JSON.parse(example('grafana-dashboard.json'));
    expect(uid).toBe('latchkey');
    const ids = panels.map(({ id }: { id: number }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { title, type, targets, fieldConfig } of panels) {
      expect(title).not.toBe('');
      if (type === 'row') continue;
      expect(fieldConfig.defaults.unit, title).toEqual(expect.any(String));
      expect(targets.length, title).toBeGreaterThan(0);
    }
    const used = dashboardQueries().flatMap(metricsIn);
    expect(used.filter((name) => !known.includes(name))).toEqual([]);
    const own = known.filter((name) => name.startsWith('latchkey_'));
    expect(own.filter((name) => !used.includes(name))).toEqual([]);
  });
});

describe.skipIf(!program)('Prometheus', { timeout: 120_000 }, () => {
  it('accepts the format of the metrics, without a complaint of its linter', async () => {
    await useAll();
    const { text } = await metered.scrape();
    const { status, stderr } = spawnSync(String(promtool), ['check', 'metrics'], { input: text });
    expect([String(stderr), status]).toEqual(['', 0]);
  });

  it('accepts the configuration and the rules', () => {
    const check = (...args: string[]) =>
      execFileSync(String(promtool), args, { cwd: prometheusExamples, encoding: 'utf8' });
    expect(check('check', 'config', '--syntax-only', 'prometheus.yml')).toContain('SUCCESS');
    expect(check('check', 'rules', '--lint-fatal', 'latchkey-alerts.yml')).toContain('SUCCESS');
  });

  it('reports each fault, and nothing without it, by the unit tests of the rules', () => {
    const { status, stdout, stderr } = spawnSync(
      String(promtool),
      ['test', 'rules', 'latchkey-alerts-test.yml'],
      { cwd: prometheusExamples, encoding: 'utf8' },
    );
    expect(`${stdout}${stderr}`).toContain('SUCCESS');
    expect(status).toBe(0);
    const tested = parse(example('latchkey-alerts-test.yml')).tests.map(({ name }: { name: string }) => name);
    expect(tested).toEqual(alertNames().flatMap((name) => [`${name} reports`, `${name} is silent`]));
  });

  it('shows data in every panel of the dashboard', async () => {
    const prometheus: Prometheus = await startPrometheus(String(program), [metered]);
    try {
      const shows = async (query: string) => (await prometheus.query(query)).length > 0;
      const queries = dashboardQueries().filter((query) => !query.includes(ONLY_WITH_TLS));
      for (const query of queries) {
        const showsAfterUse = async () => {
          await useAll();
          return shows(query);
        };
        await expect.poll(showsAfterUse, { timeout: 60_000, message: query }).toBe(true);
      }
    } finally {
      await prometheus.stop();
    }
  });
});
