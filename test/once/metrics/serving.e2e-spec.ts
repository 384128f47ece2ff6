import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lockDatabase } from '../../support/database-lock.js';
import { bearer, get, raw, request } from '../../support/http.js';
import { type MeteredServer, startMetered } from '../../support/metrics.js';
import { freePort } from '../../support/port.js';
import { startServer } from '../../support/server.js';

let metered: MeteredServer;

beforeAll(async () => {
  metered = await startMetered();
});
afterAll(async () => {
  await metered?.server.stop();
});

const metrics = (headers: Record<string, string> = {}, method = 'GET') =>
  request(`${metered.url}/metrics`, { method, headers });

describe('The port of metrics', { timeout: 60_000 }, () => {
  it('serves the text format of Prometheus to a scrape with the token', async () => {
    const answer = await metrics(bearer(metered.token));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.text).toContain('# TYPE latchkey_tokens_total counter\n');
    const head = await metrics(bearer(metered.token), 'HEAD');
    expect([head.status, head.text]).toEqual([200, '']);
  });

  it.each([
    ['no credentials', () => ({})],
    ['another token', () => bearer('another-token-of-some-length')],
    ['a prefix of the token', () => bearer(metered.token.slice(0, -1))],
    ['the token under another scheme', () => ({ authorization: `Basic ${metered.token}` })],
    ['the token alone', () => ({ authorization: metered.token })],
  ])('rejects %s, whatever the path', async (_, headers) => {
    for (const path of ['/metrics', '/absent']) {
      const answer = await request(metered.url + path, { headers: headers() });
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="latchkey metrics"');
      expect(answer.text).toBe('present the value of LATCHKEY_METRICS_TOKEN as a bearer token\n');
    }
  });

  it('serves nothing else', async () => {
    const other = await request(`${metered.url}/health/live`, { headers: bearer(metered.token) });
    expect([other.status, other.text]).toEqual([404, 'metrics are at /metrics\n']);
    const post = await metrics(bearer(metered.token), 'POST');
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect(await raw(Number(new URL(metered.url).port), 'nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('is not the port of the server', async () => {
    expect((await get(`${metered.server.url}/metrics`, bearer(metered.token))).status).toBe(404);
  });

  it('answers while the database is locked, and says so', async () => {
    const unlock = lockDatabase(metered.server);
    const down = await metered.until((series) => series.sum('latchkey_database_up') === 0);
    expect(down.sum('latchkey_database_check_failed', { check: 'write' })).toBe(1);
    expect(down.names).toEqual((await metered.scrape()).names);
    unlock();
    await metered.until((series) => series.sum('latchkey_database_up') === 1);
  });
});

describe('Without a metrics port', { timeout: 60_000 }, () => {
  it('serves no metrics', async () => {
    const server = await startServer();
    expect((await get(`${server.url}/metrics`)).status).toBe(404);
    await server.stop();
  });
});

describe('The metrics token', { timeout: 60_000 }, () => {
  it('is read from a file, and is not required on a loopback address', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-metrics-'));
    const file = join(folder, 'token');
    writeFileSync(file, 'a-token-of-a-file\n');
    const port = await freePort();
    const server = await startServer({
      env: { LATCHKEY_METRICS_PORT: String(port), LATCHKEY_METRICS_TOKEN_FILE: file },
    });
    const scrape = (headers = {}) => get(`http://127.0.0.1:${port}/metrics`, headers);
    expect((await scrape()).status).toBe(401);
    expect((await scrape(bearer('a-token-of-a-file'))).status).toBe(200);
    await server.restart({ LATCHKEY_METRICS_TOKEN_FILE: undefined });
    expect((await scrape()).status).toBe(200);
    await server.stop();
    rmSync(folder, { recursive: true });
  });
});
