import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsFor } from './columns.js';
import { createTable, insertMissing } from './repeatable.js';

const nullable = { isNullable: true };
const primary = { isPrimary: true };
const counted = { default: 0 };

/** The audit events, the two ends of their chain, the chain's key, and the session changes not yet audited. */
export class CreateAudit1763900200000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { id, word, text, number } = columnsFor(queryRunner);
    await createTable(queryRunner, 'audit_key', [id('id', primary), text('sealed'), number('created_at')]);
    await createEvents(queryRunner);
    await createTable(queryRunner, 'audit_head', [
      number('id', primary),
      number('turns', counted),
      number('sequence', counted),
      id('hash'),
      id('seal'),
    ]);
    await createTable(queryRunner, 'audit_anchor', [
      number('id', primary),
      number('sequence', counted),
      number('occurred_at', counted),
      id('hash'),
      id('seal'),
    ]);
    await createTable(queryRunner, 'audit_scan', [number('id', primary), id('session_id')]);
    await createTable(queryRunner, 'session_note', [
      id('id', primary),
      word('kind', 16),
      id('session_id'),
      id('client_id'),
      number('noted_at'),
      word('reason', 32, nullable),
      id('agent_id', nullable),
      id('agent_session_id', nullable),
      word('address', 64, nullable),
    ]);
    await insertMissing(queryRunner, `audit_head (id, hash, seal) VALUES (1, '', '')`);
    await insertMissing(queryRunner, `audit_anchor (id, hash, seal) VALUES (1, '', '')`);
    await insertMissing(queryRunner, `audit_scan (id, session_id) VALUES (1, '')`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const name of [
      'session_note',
      'audit_scan',
      'audit_anchor',
      'audit_head',
      'audit_event',
      'audit_key',
    ]) {
      await queryRunner.dropTable(name);
    }
  }
}

async function createEvents(queryRunner: QueryRunner): Promise<void> {
  const { id, word, bigText, number } = columnsFor(queryRunner);
  await createTable(
    queryRunner,
    'audit_event',
    [
      number('sequence', primary),
      id('id'),
      number('occurred_at'),
      word('action', 32),
      word('outcome', 16),
      id('client_id', nullable),
      id('agent_id', nullable),
      id('agent_session_id', nullable),
      word('address', 64, nullable),
      word('target_type', 32, nullable),
      id('target_id', nullable),
      bigText('detail'),
      id('previous_hash'),
      id('hash'),
    ],
    [['id'], ['occurred_at', 'id'], ['client_id', 'occurred_at'], ['agent_id', 'occurred_at'], ['action']],
  );
}
