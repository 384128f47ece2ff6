import type { MigrationInterface, QueryRunner } from 'typeorm';
import { type Columns, columnsFor } from './columns.js';
import { createTable, insertMissing } from './repeatable.js';

/** The server's own types and their operations in addition to OWN_OPERATIONS; registered from the start. */
const OWN_TYPES = {
  Client: ['rotate'],
  Resource: [],
  AccessPolicy: [],
  Session: ['introspect'],
  SigningKey: ['rotate'],
  AuditEvent: [],
};
const OWN_OPERATIONS = ['read', 'create', 'update', 'delete'];

const nullable = { isNullable: true };
const primary = { isPrimary: true };

/** The schema of the first version: configuration, its revisions, keys and sessions. */
export class CreateSchema1763683200000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const columns = columnsFor(queryRunner);
    await createRevision(queryRunner, columns);
    await createKeys(queryRunner, columns);
    await createClients(queryRunner, columns);
    await createResources(queryRunner, columns);
    await createPolicies(queryRunner, columns);
    await createSessions(queryRunner, columns);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const name of [
      'session',
      'policy_resource',
      'policy_client',
      'policy',
      'resource',
      'client_secret',
      'client',
      'signing_key',
      'pepper',
      'configuration_revision',
    ]) {
      await queryRunner.dropTable(name);
    }
  }
}

async function createRevision(queryRunner: QueryRunner, { number }: Columns): Promise<void> {
  const counted = { default: 0 };
  await createTable(queryRunner, 'configuration_revision', [
    number('id', primary),
    number('clients', counted),
    number('resources', counted),
    number('policies', counted),
    number('signing_keys', counted),
  ]);
  await insertMissing(queryRunner, 'configuration_revision (id) VALUES (1)');
}

async function createKeys(queryRunner: QueryRunner, { id, word, text, number }: Columns): Promise<void> {
  await createTable(queryRunner, 'pepper', [id('id', primary), text('sealed'), number('created_at')]);
  await createTable(queryRunner, 'signing_key', [
    id('kid', primary),
    word('alg', 16),
    text('sealed_private_key'),
    text('public_jwk'),
    number('created_at'),
    number('signs_from'),
  ]);
}

async function createClients(
  queryRunner: QueryRunner,
  { id, word, text, number, flag }: Columns,
): Promise<void> {
  await createTable(queryRunner, 'client', [
    id('id', primary),
    number('version'),
    number('created_at'),
    number('updated_at'),
    word('name', 255, nullable),
    word('name_folded', 512),
    flag('active'),
    text('grant_types'),
    word('token_endpoint_auth_method', 32, nullable),
    text('client_credentials'),
    number('sessions_closed_before'),
  ]);
  await createTable(
    queryRunner,
    'client_secret',
    [
      id('id', primary),
      id('client_id'),
      id('pepper_id', nullable),
      word('digest', 255),
      number('created_at'),
      number('expires_at', nullable),
      number('last_used_at', nullable),
    ],
    [['client_id']],
  );
}

async function createResources(
  queryRunner: QueryRunner,
  { id, word, text, bigText, number }: Columns,
): Promise<void> {
  await createTable(queryRunner, 'resource', [
    id('id', primary),
    number('version'),
    number('created_at'),
    number('updated_at'),
    word('name', 255, nullable),
    word('name_folded', 512),
    word('audience', 255, nullable),
    bigText('operations'),
    text('introspection_clients'),
    text('token'),
  ]);
  const now = Date.now();
  for (const [type, operations] of Object.entries(OWN_TYPES)) {
    const named = JSON.stringify([...OWN_OPERATIONS, ...operations].map((name) => ({ name })));
    await insertMissing(
      queryRunner,
      `resource
         (id, version, created_at, updated_at, name, name_folded, operations, introspection_clients, token)
       VALUES (?, 1, ?, ?, ?, ?, ?, '[]', '{}')`,
      [type, now, now, type, type.toLowerCase(), named],
    );
  }
}

async function createPolicies(
  queryRunner: QueryRunner,
  { id, word, bigText, number, flag }: Columns,
): Promise<void> {
  await createTable(
    queryRunner,
    'policy',
    [
      id('id', primary),
      number('version'),
      number('created_at'),
      number('updated_at'),
      word('engine', 16),
      flag('everyone'),
      flag('administrative'),
      bigText('rules'),
    ],
    [['everyone'], ['administrative']],
  );
  await createTable(
    queryRunner,
    'policy_client',
    [id('policy_id', primary), id('client_id', primary)],
    [['client_id']],
  );
  await createTable(
    queryRunner,
    'policy_resource',
    [id('policy_id', primary), id('resource_id', primary)],
    [['resource_id']],
  );
}

async function createSessions(
  queryRunner: QueryRunner,
  { id, word, bigText, text, number, flag }: Columns,
): Promise<void> {
  await createTable(
    queryRunner,
    'session',
    [
      id('id', primary),
      id('client_id'),
      word('type', 32),
      word('door', 16),
      word('issuer', 255),
      word('subject', 80),
      bigText('scope', nullable),
      text('audience'),
      flag('audience_asked'),
      word('token_format', 16),
      id('kid', nullable),
      id('token_digest'),
      number('started_at'),
      number('ends_at'),
      number('closed_at', nullable),
      id('family_id', nullable),
      number('family_ends_at', nullable),
      number('family_closed_at', nullable),
      id('refresh_digest', nullable),
      number('refresh_ends_at', nullable),
      number('refresh_used_at', nullable),
    ],
    [['client_id', 'id']],
  );
}
