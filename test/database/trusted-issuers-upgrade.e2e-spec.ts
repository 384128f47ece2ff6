import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { query } from '../support/query.js';
import { ServerDidNotStart, startServer, type TestServer } from '../support/server.js';

let server: TestServer;

const FORMER = ['Client', 'Resource', 'AccessPolicy', 'Session', 'SigningKey', 'AuditEvent'];
const allOf = (resource: string) => ({ effect: 'allow', resource, identifier: '*', operations: ['*'] });

/** The database as the previous version left it. */
async function downgrade(): Promise<void> {
  await query(server, "DELETE FROM resource WHERE id = 'TrustedIssuer'");
  await query(server, "DELETE FROM policy_resource WHERE resource_id = 'TrustedIssuer'");
  await query(
    server,
    `UPDATE policy SET rules = '${JSON.stringify(FORMER.map(allOf))}' WHERE id = 'root-administration'`,
  );
  for (const table of ['client', 'session'])
    await query(server, `ALTER TABLE ${table} DROP COLUMN federated`);
  for (const table of ['federated_rule', 'trusted_issuer']) await query(server, `DROP TABLE ${table}`);
  await query(server, "DELETE FROM migration WHERE name = 'TrustedIssuers1764000200000'");
}

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

describe('The upgrade to trusted issuers', () => {
  it('adds rules on them to policies with every operation on all former types, and to no others', async () => {
    const link = [{ resourceType: 'Client', id: 'root' }];
    const rules = FORMER.slice(1).map(allOf);
    await admin(server).put('/AccessPolicy/nearly', { engine: 'rules', link, rules });
    await downgrade();
    await server.restart({ LATCHKEY_ADMIN_CLIENT_SECRET: undefined });
    const [nearly, root] = await query(
      server,
      "SELECT rules FROM policy WHERE id IN ('nearly', 'root-administration') ORDER BY id",
    );
    expect(JSON.parse(String(nearly?.rules))).toEqual(rules);
    expect(JSON.parse(String(root?.rules))).toEqual([...FORMER, 'TrustedIssuer'].map(allOf));
    const named = await query(
      server,
      "SELECT policy_id FROM policy_resource WHERE resource_id = 'TrustedIssuer'",
    );
    expect(named.map(({ policy_id: id }) => id)).toEqual(['root-administration']);
  });

  it('does not begin while a resource has the name of the new type', async () => {
    await downgrade();
    await query(
      server,
      `INSERT INTO resource (id, version, created_at, updated_at, name_folded, operations, introspection_clients, token)
       VALUES ('TrustedIssuer', 1, 0, 0, '', '[]', '[]', '{}')`,
    );
    const failed = await server.restart().catch((error) => error);
    expect(failed).toBeInstanceOf(ServerDidNotStart);
    expect(server.stderr() + server.stdout()).toContain('the resource TrustedIssuer has the name of a type');
    await query(server, "DELETE FROM resource WHERE id = 'TrustedIssuer'");
    await server.start();
  });
});
