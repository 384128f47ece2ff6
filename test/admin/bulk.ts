import { engine, type TestServer } from '../support/server.js';
import { runSql } from '../support/sql.js';

const DIGITS = Array.from({ length: 10 }, (_, digit) => `SELECT ${digit} AS d`).join(' UNION ALL ');
const NUMBER = 'a.d * 1000 + b.d * 100 + c.d * 10 + e.d';
const ID = engine === 'mysql' ? `CONCAT('bulk-', 10000 + ${NUMBER})` : `'bulk-' || (10000 + ${NUMBER})`;
const NUMBERS = `(${DIGITS}) a, (${DIGITS}) b, (${DIGITS}) c, (${DIGITS}) e`;

/** 10,000 resources `bulk-10000` to `bulk-19999`, written past the server: by requests they would take minutes. */
export async function insertTenThousandResources(server: TestServer): Promise<void> {
  const sql = `INSERT INTO resource
    (id, version, created_at, updated_at, name, name_folded, operations, introspection_clients, token)
    SELECT ${ID}, 1, 1, 1, 'Bulk', 'bulk', '[]', '[]', '{}'
    FROM ${NUMBERS}`;
  await runSql(server, sql);
}

/** 1,500 clients `bulk-10000` to `bulk-11499`, all linked to this policy. */
export async function insertLinkedClients(server: TestServer, policy: string): Promise<void> {
  const those = `FROM ${NUMBERS} WHERE ${NUMBER} < 1500`;
  await runSql(
    server,
    `INSERT INTO client
      (id, version, created_at, updated_at, name, name_folded, active, grant_types, client_credentials, sessions_closed_before)
      SELECT ${ID}, 1, 1, 1, 'Bulk', 'bulk', TRUE, '["client_credentials"]', '{}', 0 ${those}`,
  );
  await runSql(server, `INSERT INTO policy_client (policy_id, client_id) SELECT '${policy}', ${ID} ${those}`);
}

const BIG = engine === 'mysql' ? 'SIGNED' : 'BIGINT';
const DIGIT = (name: string) => (engine === 'mysql' ? `CAST(${name}.d AS CHAR)` : `CAST(${name}.d AS TEXT)`);
const joined = (...parts: string[]) =>
  engine === 'mysql' ? `CONCAT(${parts.join(', ')})` : parts.join(' || ');

/**
 * 10,000 clients, each with one of ten owners, one of 100 teams, and an end on one of 10,000 days. Two credentials of each
 * were used, of every second one lately.
 */
export async function insertDescribedClients(server: TestServer): Promise<void> {
  const labels = joined(`'{"env":"prod","team":"t-'`, DIGIT('a'), DIGIT('b'), `'","zone":"eu"}'`);
  await runSql(
    server,
    `INSERT INTO client
      (id, version, created_at, updated_at, name, name_folded, active, grant_types, client_credentials,
       sessions_closed_before, owner, labels, expires_at)
      SELECT ${ID}, 1, 1, 1, 'Bulk', 'bulk', TRUE, '["client_credentials"]', '{}', 0,
        ${joined(`'owner '`, DIGIT('c'))}, ${labels}, 4102444800000 + 86400000 * CAST(${NUMBER} AS ${BIG})
      FROM ${NUMBERS}`,
  );
  const usedAt = `CASE WHEN id LIKE '%0' OR id LIKE '%2' OR id LIKE '%4' OR id LIKE '%6' OR id LIKE '%8' THEN ${Date.now()} ELSE 1 END`;
  for (const credential of ['one', 'two']) {
    await runSql(
      server,
      `INSERT INTO last_use (id, client_id, kind, name, used_at, address, user_agent)
        SELECT ${joined(`'${credential}-'`, 'id')}, id, 'key', '', ${usedAt}, '127.0.0.1', 'job/1'
        FROM client WHERE id LIKE 'bulk-%'`,
    );
  }
}
