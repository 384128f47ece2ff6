import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { get } from './http.js';
import { freePort } from './port.js';

const PATIENCE_MS = 60_000;

export const prometheusExamples = fileURLToPath(new URL('../../examples/prometheus/', import.meta.url));

/** The address that is scraped. */
export interface Target {
  /** The origin of the port of metrics. */
  url: string;
  token: string;
}

export interface Prometheus {
  /** The current values of a query. */
  query: (expression: string) => Promise<{ metric: Record<string, string>; value: [number, string] }[]>;
  /** Waits until an alert fires. Returns its labels and annotations. */
  fires: (alert: string) => Promise<{ labels: Record<string, string>; annotations: Record<string, string> }>;
  stop: () => Promise<void>;
}

/** The example's configuration and rules with these targets and short intervals. */
function configure(folder: string, targets: readonly Target[]): string {
  const rules = readFileSync(join(prometheusExamples, 'latchkey-alerts.yml'), 'utf8')
    .replace(/\bfor: \w+/g, 'for: 0s')
    .replaceAll('[5m]', '[15s]');
  writeFileSync(join(folder, 'latchkey-alerts.yml'), rules);
  const config = parse(readFileSync(join(prometheusExamples, 'prometheus.yml'), 'utf8'));
  const [job] = config.scrape_configs;
  config.global = { scrape_interval: '3s', scrape_timeout: '3s', evaluation_interval: '1s' };
  config.scrape_configs = targets.map(({ url, token }, place) => ({
    ...job,
    job_name: `latchkey-${place}`,
    scheme: new URL(url).protocol.slice(0, -1),
    tls_config: { insecure_skip_verify: true },
    authorization: { credentials: token },
    static_configs: [{ targets: [new URL(url).host], labels: { job: job.job_name } }],
  }));
  const file = join(folder, 'prometheus.yml');
  writeFileSync(file, stringify(config));
  return file;
}

/** Runs Debian's Prometheus on the files of the example. */
export async function startPrometheus(program: string, targets: readonly Target[]): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-prometheus-'));
  const address = `127.0.0.1:${await freePort()}`;
  const args = [
    `--config.file=${configure(folder, targets)}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${address}`,
    '--log.level=warn',
  ];
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  process.once('exit', () => child.kill('SIGKILL'));
  const until = async <T>(what: string, look: () => Promise<T | undefined>): Promise<T> => {
    for (const limit = Date.now() + PATIENCE_MS; ; await sleep(250)) {
      const found = await look();
      if (found !== undefined) return found;
      if (Date.now() > limit || child.exitCode !== null) throw new Error(`${what} did not happen.\n${said}`);
    }
  };
  const api = async (path: string) => (await get(`http://${address}/api/v1/${path}`)).body?.data;
  const ready = async () => (await get(`http://${address}/-/ready`).catch(() => undefined))?.status === 200;
  await until('The start of Prometheus', async () => (await ready()) || undefined);
  return {
    query: async (expression) => {
      const data = await api(`query?${new URLSearchParams({ query: expression })}`);
      if (data === undefined) throw new Error(`Prometheus rejects the query ${expression}`);
      return data.result;
    },
    fires: (alert) =>
      until(`The alert ${alert}`, async () =>
        (await api('alerts')).alerts.find(
          ({ labels, state }: { labels: { alertname: string }; state: string }) =>
            labels.alertname === alert && state === 'firing',
        ),
      ),
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
