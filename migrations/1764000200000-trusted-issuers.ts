import { isDeepStrictEqual } from 'node:util';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { UnusableDatabase } from '../src/database/unusable-database.js';
import { columnsFor } from './columns.js';
import { addColumn, collation, createTable, insertMissing } from './repeatable.js';

const TYPE = 'TrustedIssuer';
const OPERATIONS = JSON.stringify(['read', 'create', 'update', 'delete'].map((name) => ({ name })));
const RESOURCE_COLUMNS =
  'resource (id, version, created_at, updated_at, name, name_folded, operations, introspection_clients, token)';

const FORMER_TYPES = ['Client', 'Resource', 'AccessPolicy', 'Session', 'SigningKey', 'AuditEvent'];

const nullable = { isNullable: true };
const primary = { isPrimary: true };

/** Issuers whose tokens authenticate clients, the rules of clients, and whose token opened a session. */
export class TrustedIssuers1764000200000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await assertFreeType(queryRunner);
    await createTables(queryRunner);
    const unicode = collation(queryRunner, 'utf8mb4');
    await addColumn(queryRunner, 'client', 'federated', `text${unicode}`);
    await addColumn(queryRunner, 'session', 'federated', `text${unicode}`);
    await extendAdministrators(queryRunner);
    const now = Date.now();
    await insertMissing(queryRunner, `${RESOURCE_COLUMNS} VALUES (?, 1, ?, ?, ?, ?, ?, '[]', '{}')`, [
      ...[TYPE, now, now, TYPE, TYPE.toLowerCase(), OPERATIONS],
    ]);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DELETE FROM resource WHERE id = ?', [TYPE]);
    await queryRunner.query('ALTER TABLE session DROP COLUMN federated');
    await queryRunner.query('ALTER TABLE client DROP COLUMN federated');
    await queryRunner.dropTable('federated_rule');
    await queryRunner.dropTable('trusted_issuer');
  }
}

/** A resource that an administrator has given this id would become a type of the server. */
async function assertFreeType(queryRunner: QueryRunner): Promise<void> {
  const [found] = await queryRunner.query('SELECT operations FROM resource WHERE id = ?', [TYPE]);
  if (found === undefined || found.operations === OPERATIONS) return;
  throw new UnusableDatabase(
    `the resource ${TYPE} has the name of a type that this version of the server adds: give it another id with the previous version`,
  );
}

/**
 * A policy that gives every operation on all former types gives them on the new one as well: no client could grant
 * what none holds.
 */
async function extendAdministrators(queryRunner: QueryRunner): Promise<void> {
  const rows: { id: string; rules: string }[] = await queryRunner.query(
    `SELECT id, rules FROM policy WHERE administrative = TRUE AND INSTR(rules, '"resource":"${TYPE}"') = 0`,
  );
  for (const { id, rules } of rows) {
    const before = JSON.parse(rules) as object[];
    if (!FORMER_TYPES.every((type) => before.some((rule) => isDeepStrictEqual(rule, allOf(type))))) continue;
    const after = JSON.stringify([...before, allOf(TYPE)]);
    await insertMissing(queryRunner, 'policy_resource (policy_id, resource_id) VALUES (?, ?)', [id, TYPE]);
    await queryRunner.query('UPDATE policy SET rules = ?, version = version + 1 WHERE id = ?', [after, id]);
  }
}

const allOf = (resource: string) => ({ effect: 'allow', resource, identifier: '*', operations: ['*'] });

async function createTables(queryRunner: QueryRunner): Promise<void> {
  const { id, word, text, number, flag } = columnsFor(queryRunner);
  await createTable(
    queryRunner,
    'trusted_issuer',
    [
      id('id', primary),
      number('version'),
      number('created_at'),
      number('updated_at'),
      word('name', 255, nullable),
      word('name_folded', 512),
      text('description', nullable),
      word('issuer', 255),
      text('jwks', nullable),
      text('jwks_uri', nullable),
      text('ca', nullable),
      text('algs', nullable),
      text('audiences', nullable),
      number('max_lifetime_seconds', nullable),
      word('replay', 16),
      flag('shared'),
      text('pins'),
    ],
    [['issuer']],
  );
  await createTable(
    queryRunner,
    'federated_rule',
    [id('client_id', primary), number('place', primary), id('issuer_id'), id('anchor')],
    [['issuer_id', 'anchor']],
  );
}
