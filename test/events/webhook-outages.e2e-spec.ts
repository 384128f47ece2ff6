import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { MINUTE_MS, SECOND_MS } from '../support/clock.js';
import { startServer, type TestServer } from '../support/server.js';
import { runSql } from '../support/sql.js';
import { type Received, WebhookReceiver } from '../support/webhook-receiver.js';

const preload = fileURLToPath(new URL('../support/fail-statement.mjs', import.meta.url));
/** Half of them before the answer, half of them after it. */
const KILLS = 4;
const CHANGES_PER_ROUND = 3;
const LEASE_MS = 30 * SECOND_MS;
const OBJECTS = ['one', 'other'];

let folder: string;
let receiver: WebhookReceiver;
let server: TestServer;

const armed = () => join(folder, 'fault.json');

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-outages-'));
  receiver = await WebhookReceiver.start();
  const faults = { NODE_OPTIONS: `--import=${preload}`, FAULT_FILE: armed() };
  server = await startServer({ env: { ...receiver.env, ...faults } });
});
afterAll(async () => {
  await server?.stop();
  await receiver?.die();
  rmSync(folder, { recursive: true, force: true });
});

/** As if so much time had passed: what is stored in the database lies so much further back. */
const pass = (milliseconds: number) =>
  runSql(
    server,
    `UPDATE event_cursor SET not_before = not_before - ${milliseconds}, held_until = held_until - ${milliseconds}
     WHERE id = 'webhook'`,
  );

const change = async (id: string, round: number) => {
  for (let n = 0; n < CHANGES_PER_ROUND; n++)
    expect((await admin(server).put(`/Client/${id}`, { name: `${id} ${round} ${n}` })).status).toBeLessThan(
      300,
    );
};

const auditedIds = async (id: string): Promise<string[]> => {
  const sql = `SELECT id FROM audit_event WHERE client_id = '${id}' ORDER BY sequence`;
  return (await runSql(server, sql)).map((row) => String(row.id));
};

const failures = async () =>
  Number((await runSql(server, "SELECT failures FROM event_cursor WHERE id = 'webhook'"))[0]?.failures);

const requestsAbout = (id: string): Received[] =>
  receiver.received.filter(({ body }) => body.data.target?.id === id);

/** Each is signed, and its id is that of the audit event in it. */
function idsOf(requests: readonly Received[]): string[] {
  return requests.map(({ headers, text, body }) => {
    const signed = headers as Record<string, string>;
    expect(new Webhook(receiver.secret).verify(text, signed)).toEqual(body);
    expect(headers['webhook-id']).toBe(body.data.event.id);
    return body.data.event.id;
  });
}

/** The pauses in milliseconds that the log has announced. */
const pauses = () =>
  [...server.stderr().matchAll(/"retry_seconds":(\d+),/g)].map(([, seconds]) => Number(seconds) * SECOND_MS);

const total = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0);

describe('Events whose delivery is interrupted', () => {
  it('come once more each, signed and in order, when a receiver was dead for a minute', async () => {
    await receiver.die();
    await change('minute', 0);
    for (let attempts = 1; total(pauses()) < MINUTE_MS; attempts++) {
      await expect.poll(failures).toBe(attempts);
      await pass(pauses().at(-1) ?? 0);
    }
    await change('minute', 1);
    expect(requestsAbout('minute')).toEqual([]);
    await receiver.revive();
    const audited = await auditedIds('minute');
    expect(audited).toHaveLength(2 * CHANGES_PER_ROUND);
    await expect.poll(() => requestsAbout('minute').length).toBe(audited.length);
    await change('after-minute', 0);
    await expect.poll(() => requestsAbout('after-minute').length).toBe(CHANGES_PER_ROUND);
    expect(idsOf(requestsAbout('minute'))).toEqual(audited);
  });

  it('are not lost by SIGKILL between a delivery and its cursor, and come again with the same id', async () => {
    const interrupted: string[] = [];
    for (let round = 0; round < KILLS; round++) {
      const before = receiver.received.length;
      const { pid } = server;
      receiver.respond = (response, { data }) => {
        receiver.respond = (later) => later.writeHead(204).end();
        interrupted.push(data.event.id);
        if (round % 2 === 0) return process.kill(pid, 'SIGKILL');
        writeFileSync(armed(), JSON.stringify({ fail: '^UPDATE event_cursor', kill: true }));
        return response.writeHead(204).end();
      };
      const changed = Promise.all(OBJECTS.map((id) => change(id, round))).catch(() => undefined);
      expect(await server.ended()).toMatchObject({ signal: 'SIGKILL' });
      await changed;
      expect(existsSync(armed())).toBe(false);
      expect(receiver.received).toHaveLength(before + 1);
      await pass(LEASE_MS);
      await server.start();
      await change('between', round);
      const made = (round + 1) * CHANGES_PER_ROUND;
      await expect.poll(() => requestsAbout('between').length).toBe(made);
    }
    const delivered = idsOf(receiver.received);
    expect(new Set(interrupted).size).toBe(KILLS);
    for (const id of interrupted) expect(delivered.filter((one) => one === id)).toEqual([id, id]);
    for (const id of [...OBJECTS, 'between']) {
      const ids = idsOf(requestsAbout(id));
      expect(ids.filter((one, place) => one !== ids[place - 1])).toEqual(await auditedIds(id));
      expect(ids.length - new Set(ids).size).toBe(ids.filter((one) => interrupted.includes(one)).length / 2);
    }
  });
});
