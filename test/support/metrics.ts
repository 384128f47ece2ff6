import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, bearer, request } from './http.js';
import { rememberSecret } from './leaks.js';
import { freePort } from './port.js';
import { type ServerOptions, startServer, type TestServer } from './server.js';

const PATIENCE_MS = 30_000;

/** A server with metrics, and how to scrape them. */
export interface MeteredServer {
  server: TestServer;
  token: string;
  /** The origin of the metrics port. */
  url: string;
  scrape: () => Promise<Series>;
  /** Scrapes until this condition holds. */
  until: (holds: (series: Series) => boolean) => Promise<Series>;
}

/** The values of one scrape. */
export class Series {
  readonly values: ReadonlyMap<string, number>;

  constructor(readonly text: string) {
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    this.values = new Map(
      lines.map((line) => {
        const end = line.lastIndexOf(' ');
        return [line.slice(0, end), Number(line.slice(end + 1))];
      }),
    );
  }

  /** The names of all metrics, without the suffixes of histograms. */
  get names(): string[] {
    return [...this.text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => String(name)).sort();
  }

  /** The sum of the series of this name that have all of these labels; undefined if there is none. */
  sum(name: string, labels: Record<string, string> = {}): number | undefined {
    const found = [...this.values].filter(
      ([series]) =>
        series.split('{')[0] === name &&
        Object.entries(labels).every(([label, value]) => series.includes(`${label}="${value}"`)),
    );
    return found.length === 0 ? undefined : found.reduce((sum, [, value]) => sum + value, 0);
  }
}

export async function startMetered(options: ServerOptions = {}): Promise<MeteredServer> {
  const token = randomBytes(24).toString('hex');
  rememberSecret(token);
  const port = await freePort();
  const env = { LATCHKEY_METRICS_PORT: String(port), LATCHKEY_METRICS_TOKEN: token, ...options.env };
  const server = await startServer({ ...options, env });
  const url = `http://127.0.0.1:${port}`;
  const scrape = async () => {
    const answer: Answer = await request(`${url}/metrics`, { headers: bearer(token) });
    if (answer.status !== 200) throw new Error(`scrape: ${answer.status} ${answer.text}`);
    return new Series(answer.text);
  };
  const until = async (holds: (series: Series) => boolean) => {
    for (const limit = Date.now() + PATIENCE_MS; ; await sleep(100)) {
      const series = await scrape();
      if (holds(series)) return series;
      if (Date.now() > limit) throw new Error(`It did not happen in time.\n${series.text}`);
    }
  };
  return { server, token, url, scrape, until };
}
