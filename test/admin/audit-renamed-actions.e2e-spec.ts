import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../src/audit/audit-event.js';
import { insertEvents, SELECT_HEAD } from '../../src/audit/audit-row.js';
import { auditKeyPurpose, SELECT_AUDIT_KEYS } from '../../src/audit/chain/audit-keys.repository.js';
import { extend } from '../../src/audit/chain/chain.js';
import { MasterKeys } from '../../src/crypto/master-keys.js';
import { Sealer } from '../../src/crypto/sealer.js';
import { admin } from '../support/admin.js';
import { query } from '../support/query.js';
import { startServer, type TestServer } from '../support/server.js';
import { events, expectWhole } from './audit.js';

const RENAMED = [
  ['audit.lost', 'audit.drop'],
  ['introspection.refuse', 'introspection.deny'],
  ['pair.block', 'authentication.throttle'],
  ['permission.refuse', 'authorization.deny'],
  ['quota.pass', 'quota.exceed'],
  ['revocation.refuse', 'revocation.deny'],
  ['sign-in.fail', 'authentication.fail'],
  ['token.refuse', 'token.deny'],
  ['token.reuse', 'refresh-token.reuse'],
] as const;

const CLIENT = 'of-an-older-version';

let server: TestServer;

/** Appends events to the chain as an earlier version did: the names are hashed as they are. */
async function append(actions: readonly string[]): Promise<void> {
  const [{ id, sealed }] = await query(server, SELECT_AUDIT_KEYS);
  const masterKey = Buffer.from(server.env.LATCHKEY_MASTER_KEY ?? '', 'base64');
  const key = new Sealer(new MasterKeys([masterKey])).unseal(auditKeyPurpose(id), sealed);
  const [before] = await query(server, SELECT_HEAD);
  const entries = actions.map((action) => ({ action, outcome: 'failure', clientId: CLIENT }) as AuditEntry);
  const { events: links, head } = extend(key, before, entries);
  for (const { sql, values } of insertEvents(links)) await query(server, sql, [...values] as string[]);
  await query(server, 'UPDATE audit_head SET sequence = ?, hash = ?, seal = ? WHERE id = 1', [
    head.sequence,
    head.hash,
    head.seal,
  ]);
}

describe('Audit events under former names', { timeout: 60_000 }, () => {
  beforeAll(async () => {
    server = await startServer();
    await append(RENAMED.flat());
  });

  afterAll(() => server?.stop());

  it.each(RENAMED)('lists %s as %s, found by either name', async (former, current) => {
    for (const name of [former, current]) {
      const found = await events(server, `client=${CLIENT}&action=${name}`);
      expect(found.map(({ action }) => action)).toEqual([current, current]);
      const { body } = await admin(server).get(`/AuditEvent?client=${CLIENT}&action=${name}&_count=1`);
      expect(body.total).toBe(2);
    }
  });

  it('shows a single event under the current name', async () => {
    for (const { id, action } of await events(server, `client=${CLIENT}&action=pair.block`)) {
      const { body } = await admin(server).get(`/AuditEvent/${id}`);
      expect(body.action).toBe(action);
    }
  });

  it('keeps the stored names and an intact chain, also after further writes', async () => {
    expect((await admin(server).put('/Client/later', {})).status).toBe(201);
    const rows = await query(server, 'SELECT action FROM audit_event WHERE client_id = ?', [CLIENT]);
    expect(rows.map(({ action }) => action).sort()).toEqual(RENAMED.flat().sort());
    expect(await events(server, 'action=audit.break')).toEqual([]);
    await expectWhole(server);
  });
});
