import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { query } from '../support/query.js';
import { aClient } from '../support/registration.js';
import { engine, startServer, type TestServer } from '../support/server.js';
import { checkChain, events, expectBroken, expectWhole } from './audit.js';

const TABLES = ['audit_event', 'audit_head', 'audit_anchor', 'audit_key'];

let server: TestServer;
let other: TestServer;
/** The rows of the chain of `server` as it wrote them. */
let written: Map<string, any[]>;

const rowsOf = async (one: TestServer): Promise<Map<string, any[]>> => {
  const rows = new Map<string, any[]>();
  for (const table of TABLES) rows.set(table, await query(one, `SELECT * FROM ${table}`));
  return rows;
};

async function insert(table: string, row: any): Promise<void> {
  const columns = Object.keys(row);
  const values = columns.map(() => '?').join(', ');
  await query(
    server,
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${values})`,
    Object.values(row) as string[],
  );
}

async function replaceChain(rows: Map<string, any[]>): Promise<void> {
  for (const [table, wanted] of rows) {
    await query(server, `DELETE FROM ${table}`);
    for (const row of wanted) await insert(table, row);
  }
}

beforeAll(async () => {
  [server, other] = await Promise.all([startServer(), startServer()]);
  for (const one of [server, other]) {
    for (const name of ['a', 'b', 'c', 'd']) await admin(one).put(`/Client/${name}`, { name });
    expect((await events(one, 'action=client.create')).length).toBe(5);
  }
});

afterAll(async () => {
  await server?.stop();
  await other?.stop();
});

const sequenceOf = async (id: string): Promise<number> =>
  (await events(server, `action=client.create&client=${id}`))[0].sequence;

const lastSequence = async (one = server): Promise<number> => (await events(one))[0].sequence;

describe('Audit chain', { timeout: 120_000 }, () => {
  beforeEach(async () => {
    written = await rowsOf(server);
  });
  afterEach(() => replaceChain(written));

  it('verifies the audit chain while the server runs and appends (G05, ASVS 16.3.3)', async () => {
    await expectWhole(server);
    const more = Promise.all(
      Array.from({ length: 12 }, (_, i) => admin(server).put(`/Client/more-${i}`, {})),
    );
    await expectWhole(server);
    await more;
    await server.restart();
    await expectWhole(server);
    const all = (await events(server)).map(({ sequence }) => sequence).sort((one, other) => one - other);
    expect(all).toEqual(all.map((_, i) => i + 1));
    expect((await events(server, 'action=audit.begin')).map(({ sequence }) => sequence)).toEqual([1]);
    written = await rowsOf(server);
  });

  it('detects a changed column, whichever it is', async () => {
    const sequence = await sequenceOf('b');
    for (const change of [
      `outcome = 'failure'`,
      `occurred_at = occurred_at + 1`,
      `action = 'client.update'`,
      `client_id = 'c'`,
      `agent_id = 'c'`,
      `agent_session_id = 'c'`,
      `address = NULL`,
      `target_type = 'Session'`,
      `target_id = NULL`,
      `detail = '{}'`,
      `id = '0198'`,
      `hash = 'x'`,
      `previous_hash = 'x'`,
    ]) {
      const [column] = change.split(' ');
      const [row] = await query(server, `SELECT ${column} AS kept FROM audit_event WHERE sequence = ?`, [
        sequence,
      ]);
      await query(server, `UPDATE audit_event SET ${change} WHERE sequence = ?`, [sequence]);
      await expectBroken(server, new RegExp(`event ${sequence}: it was changed`));
      await query(server, `UPDATE audit_event SET ${column} = ? WHERE sequence = ?`, [row.kept, sequence]);
    }
    await expectWhole(server);
  });

  it('detects a removed event, including the last and the first', async () => {
    for (const sequence of [await sequenceOf('b'), await lastSequence(), 1]) {
      const [row] = await query(server, 'SELECT * FROM audit_event WHERE sequence = ?', [sequence]);
      await query(server, 'DELETE FROM audit_event WHERE sequence = ?', [sequence]);
      await expectBroken(server, new RegExp(`event ${sequence}: it was removed`));
      await insert('audit_event', row);
    }
    await expectWhole(server);
  });

  it('detects a truncated chain whose head was restored to an earlier event', async () => {
    const last = await lastSequence(other);
    await query(other, 'DELETE FROM audit_event WHERE sequence = ?', [last]);
    const [{ hash }] = await query(other, 'SELECT hash FROM audit_event WHERE sequence = ?', [last - 1]);
    await query(other, 'UPDATE audit_head SET sequence = ?, hash = ?', [last - 1, hash]);
    await expectBroken(other, /the head of the chain was changed/);
    // A running server that appends behind it does not cover it up.
    await admin(other).put('/Client/later', {});
    await expectBroken(other, new RegExp(`event ${last}: the server detected here`));
    await admin(other).put('/Client/later-still', {});
    await expectBroken(other, new RegExp(`event ${last}: the server detected here`));
  });

  it('detects inserted and reordered events', async () => {
    const last = await lastSequence();
    const copy = `SELECT ?, 'x', occurred_at, action, outcome, client_id, agent_id, agent_session_id, address,
      target_type, target_id, detail, previous_hash, hash FROM audit_event WHERE sequence = ?`;
    for (const sequence of [0, last + 1, last + 10]) {
      await query(server, `INSERT INTO audit_event ${copy}`, [sequence, 2]);
      await expectBroken(server, new RegExp(`event ${sequence}: it was inserted`));
      await query(server, 'DELETE FROM audit_event WHERE sequence = ?', [sequence]);
    }
    await expectWhole(server);
    for (const [from, to] of [
      [2, -1],
      [3, 2],
      [-1, 3],
    ] as const)
      await query(server, 'UPDATE audit_event SET sequence = ? WHERE sequence = ?', [to, from]);
    await expectBroken(server, /event 2: it was changed/);
  });

  it('detects a forged or missing anchor', async () => {
    const [{ hash, occurred_at }] = await query(server, 'SELECT * FROM audit_event WHERE sequence = 3');
    await query(server, 'DELETE FROM audit_event WHERE sequence <= 3');
    await query(server, 'UPDATE audit_anchor SET sequence = 3, hash = ?, occurred_at = ?', [
      hash,
      occurred_at,
    ]);
    await expectBroken(server, /the anchor of the chain was changed/);
    await query(server, 'DELETE FROM audit_anchor');
    await expectBroken(server, /the anchor of the chain was removed/);
    await query(server, 'DELETE FROM audit_head');
    await query(server, `INSERT INTO audit_anchor (id, hash, seal) VALUES (1, '', '')`);
    await expectBroken(server, /chain was/);
  });

  it('detects the chain of another server', async () => {
    await replaceChain(await rowsOf(other));
    const { code, said } = await checkChain(server);
    expect(said).toMatch(/was sealed with another master key/);
    expect(code).not.toBe(0);
    await query(server, 'DELETE FROM audit_key');
    await expectBroken(server, /the key of the chain was removed/);
  });

  it('detects a restored chain by the checkpoints in the log', async () => {
    const earlier = await query(server, 'SELECT * FROM audit_head');
    const last = await lastSequence();
    await aClient(server, 'forgotten').register();
    await server.restart();
    const reported = JSON.parse(
      server
        .stderr()
        .split('\n')
        .find((line) => line.includes('audit chain checkpoint'))!,
    );
    written = await rowsOf(server);
    const place = `${reported.sequence}:${reported.hash}`;
    expect((await checkChain(server, place)).code).toBe(0);
    // A process that has seen the events would say so in the chain.
    await server.kill();
    await query(server, 'DELETE FROM audit_event WHERE sequence > ?', [last]);
    const [{ sequence, hash, seal }] = earlier as any[];
    await query(server, 'UPDATE audit_head SET sequence = ?, hash = ?, seal = ?', [sequence, hash, seal]);
    await expectWhole(server);
    const { code, said } = await checkChain(server, place);
    expect(said).toMatch(/the chain ends before it/);
    expect(code).toBe(1);
    expect((await checkChain(server, 'nonsense')).code).toBe(2);
    await server.restart();
  });
});

const TWO_DAYS_AGO = '--import=data:text/javascript,const{now}=Date;Date.now=()=>now()-172800000';

describe('Audit retention', { timeout: 120_000 }, () => {
  // On MySQL events are dated by the database's clock, which a test cannot move.
  it.runIf(engine === 'sqlite')(
    'removes old events and leaves a signed anchor, so that the rest still verifies (L08, ASVS 14.2.7)',
    async () => {
      const server = await startServer({ env: { NODE_OPTIONS: TWO_DAYS_AGO } });
      try {
        for (let i = 0; i < 10; i++) await admin(server).put(`/Client/old-${i}`, {});
        const old = await lastSequence(server);
        await server.restart({ NODE_OPTIONS: undefined });
        // As if the server had gone on for these two days: else nothing says that they have passed.
        await query(server, 'UPDATE clock_mark SET trusted_at = ?', [Date.now()]);
        await admin(server).put('/Client/new', {});
        expect((await events(server)).length).toBeGreaterThan(old);
        await expectWhole(server);
        await server.restart({ LATCHKEY_AUDIT_RETENTION_DAYS: '1' });
        await expect
          .poll(async () => (await events(server, '_sort=date')).at(0).sequence, { timeout: 20_000 })
          .toBeGreaterThan(old);
        expect(await events(server, 'client=old-1')).toEqual([]);
        expect((await events(server, 'client=new')).length).toBeGreaterThan(0);
        const { code, said } = await checkChain(server);
        expect(said).toMatch(/^\d+ events verified .* Events up to \d+ were removed by age\./);
        expect(code).toBe(0);
        const first = (await events(server, '_sort=date'))[0].sequence;
        await query(server, 'DELETE FROM audit_event WHERE sequence = ?', [first]);
        await expectBroken(server, new RegExp(`event ${first}: it was removed`));
      } finally {
        await server.stop();
      }
    },
  );
});
