import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../../support/admin.js';
import { type MeteredServer, startMetered } from '../../support/metrics.js';

const FEW = 200;
const CLIENTS = 100_000;
const CONNECTIONS = 20;
/** How many requests are sent before the responses to them are read. */
const PIPELINED = 25;

let metered: MeteredServer;
let secret: string;

beforeAll(async () => {
  metered = await startMetered({ env: { LATCHKEY_LOG_LEVEL: 'fatal' }, isBusy: true });
  const made = await admin(metered.server).post('/Client', { grant_types: ['client_credentials'] });
  secret = made.body.secret;
});
afterAll(async () => {
  await metered?.server.stop();
});

const random = () => Math.random().toString(36).slice(2);

/** A request with an id, a scope and an audience that no other one has; each hundredth also has such a path. */
function tokenRequest(number: number): string {
  const fields = { grant_type: 'client_credentials', client_id: random(), client_secret: secret };
  const body = String(new URLSearchParams({ ...fields, scope: random(), audience: random() }));
  const path = number % 100 === 0 ? `/auth/${random()}` : '/auth/token';
  return `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

/** Sends so many requests on one connection. */
function send(count: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(metered.server.port, '127.0.0.1');
    let sent = 0;
    let answered = 0;
    const more = () => {
      const next = Math.min(PIPELINED, count - sent);
      socket.write(Array.from({ length: next }, (_, index) => tokenRequest(sent + index)).join(''));
      sent += next;
    };
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      answered += chunk.toString('latin1').split('HTTP/1.1 ').length - 1;
      if (answered === count) resolve(void socket.end());
      else if (answered === sent) more();
    });
    more();
  });
}

/** The metrics once so many responses are counted. */
const answered = (count: number) =>
  metered.until((series) => (series.sum('latchkey_responses_total') ?? 0) >= count);

describe('Metrics', { timeout: 300_000 }, () => {
  it('have as many series after 100,000 random client ids as after a few', async () => {
    await send(FEW);
    const before = await answered(FEW);
    await Promise.all(Array.from({ length: CONNECTIONS }, () => send(CLIENTS / CONNECTIONS)));
    const after = await answered(FEW + CLIENTS);
    expect(after.sum('latchkey_tokens_total', { reason: 'invalid_client' })).toBeGreaterThan(CLIENTS * 0.9);
    const own = (series: typeof after) =>
      [...series.values.keys()].filter((name) => name.startsWith('latchkey_')).sort();
    expect(own(after)).toEqual(own(before));
    expect(after.values.size).toBeLessThan(500);
  });
});
