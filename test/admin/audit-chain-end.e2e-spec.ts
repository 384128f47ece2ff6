import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { query } from '../support/query.js';
import { startServer, type TestServer } from '../support/server.js';
import { checkChain, events, eventually, expectBroken, expectWhole } from './audit.js';

let server: TestServer;

const lastSequence = async (): Promise<number> => (await events(server))[0].sequence;

const FORGED = `occurred_at, action, outcome, 'mallory', agent_id, agent_session_id, address,
  target_type, target_id, detail, previous_hash, hash`;

const forge = (sequence: number) =>
  query(server, `INSERT INTO audit_event SELECT ?, 'x', ${FORGED} FROM audit_event WHERE sequence = 2`, [
    sequence,
  ]);

describe('Audit chain with a modified end', { timeout: 120_000 }, () => {
  // What has been written behind the end stays there.
  beforeEach(async () => {
    server = await startServer();
    for (const name of ['a', 'b', 'c']) await admin(server).put(`/Client/${name}`, { name });
  });
  afterEach(() => server.stop());

  it('continues the audit chain after a row inserted by another program and records a break (G05, ASVS 16.3.3)', async () => {
    const last = await lastSequence();
    for (const sequence of [last + 1, last + 2]) await forge(sequence);
    expect((await admin(server).put('/Client/later', {})).status).toBe(201);
    const [found] = await events(server, 'action=audit.break');
    expect(found).toMatchObject({
      outcome: 'failure',
      sequence: last + 3,
      detail: {
        reason: 'another writer has appended to the end of the chain',
        sequence: last,
      },
    });
    expect(server.stderr()).toContain('audit chain changed by another writer');
    await expectBroken(server, new RegExp(`^The audit chain is broken. event ${last + 1}: it was inserted`));
    await admin(server).put('/Client/later-still', {});
    expect((await events(server, 'action=audit.break')).length).toBe(1);
    const { code, said } = await checkChain(server);
    expect(said.trim().split('\n').length, said).toBe(3);
    expect(code).toBe(1);
    // What is written behind answers takes the same way.
    await forge((await lastSequence()) + 1);
    await admin(server).get('/Client/later', { authorization: 'Bearer nothing' });
    await eventually(server, 'action=authentication.fail');
    expect((await events(server, 'action=audit.break')).length).toBe(2);
  });

  it('continues the audit chain when its head is missing, forged or at the maximum sequence', async () => {
    for (const [i, change] of [
      'DELETE FROM audit_head',
      `UPDATE audit_head SET sequence = 9223372036854775807, turns = 9223372036854775807`,
      `UPDATE audit_head SET hash = 'x'`,
      `UPDATE audit_head SET sequence = 2`,
    ].entries()) {
      const last = await lastSequence();
      await query(server, change);
      await expectBroken(server, /the head of the chain was/);
      const { status, text } = await admin(server).put(`/Client/head-${i}`, {});
      expect(status, text).toBe(201);
      expect((await events(server, 'action=audit.break')).length).toBe(i + 1);
      expect(await lastSequence()).toBe(last + 2);
    }
    await expectBroken(server, /the server detected here/);
    await server.restart();
    expect((await admin(server).put('/Client/at-last', {})).status).toBe(201);
    expect((await events(server, 'action=audit.break')).length).toBe(4);
  });

  it('records that the last events were removed and an older head was restored (fault A12)', async () => {
    const [head] = await query(server, 'SELECT sequence, hash, seal FROM audit_head');
    await admin(server).put('/Client/hidden', {});
    await admin(server).put('/Client/hidden-too', {});
    const last = await lastSequence();
    const cut = async () => {
      await query(server, 'DELETE FROM audit_event WHERE sequence > ?', [head.sequence]);
      await query(server, 'UPDATE audit_head SET sequence = ?, hash = ?, seal = ?', [
        head.sequence,
        head.hash,
        head.seal,
      ]);
    };
    await cut();
    expect((await admin(server).put('/Client/later', {})).status).toBe(201);
    const [found] = await events(server, 'action=audit.break');
    expect(found).toMatchObject({
      outcome: 'failure',
      sequence: last + 1,
      detail: { reason: 'events were removed from the end of the chain', sequence: last },
    });
    expect(server.stderr()).toContain('audit chain changed by another writer');
    await expectBroken(server, /the server detected here/);
    // Also where nothing is written: the process looks by itself.
    await cut();
    await eventually(server, 'action=audit.break');
    expect((await events(server, 'action=audit.break'))[0].sequence).toBe(last + 3);
  });

  it('records no break when several processes append at once', async () => {
    const other = await startServer({ beside: server });
    try {
      const names = Array.from({ length: 30 }, (_, i) => `/Client/raced-${i}`);
      // On a busy machine some of the writes that wait for each other run out of time (503): they are sent again.
      const put = async (name: string, i: number) => {
        const send = () => admin(i % 2 ? server : other).put(name, {});
        let answer = await send();
        for (let sent = 1; answer.status === 503 && sent < 20; sent++) answer = await send();
        expect(answer.status, answer.text).toBeLessThan(300);
      };
      await Promise.all(names.map(put));
      await expectWhole(server);
    } finally {
      await other.stop();
    }
  });

  it('detects a value of another type, or text after a NUL, in any cell (SQLite)', async ({ skip }) => {
    if (server.databaseUrl) skip();
    for (const change of [
      `audit_anchor SET occurred_at = '0x0'`,
      `audit_event SET occurred_at = printf('0x%x', occurred_at) WHERE sequence = 3`,
      `audit_event SET client_id = client_id || char(0) WHERE sequence = 3`,
      `audit_event SET action = CAST(action AS BLOB) WHERE sequence = 3`,
    ]) {
      const [, table] = /^(\w+)/.exec(change)!;
      await query(server, `CREATE TABLE kept AS SELECT * FROM ${table}`);
      await query(server, `UPDATE ${change}`);
      await expectBroken(server, /was changed|was removed/);
      expect((await admin(server).get('/AuditEvent?_count=1000')).status).toBe(200);
      await query(server, `INSERT OR REPLACE INTO ${table} SELECT * FROM kept`);
      await query(server, 'DROP TABLE kept');
    }
    await expectWhole(server);
    const last = await lastSequence();
    await query(server, `UPDATE audit_head SET sequence = printf('0x%x', sequence)`);
    await forge(last + 1);
    await expectBroken(server, /the head of the chain was changed/);
    expect((await admin(server).put('/Client/later', {})).status).toBe(201);
    await expectBroken(server, new RegExp(`event ${last + 1}: it was inserted`));
  });
});
