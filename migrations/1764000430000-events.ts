import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsFor } from './columns.js';
import { addIndex, createTable, insertMissing } from './repeatable.js';

/** How far each output of events has come, the notices that were recorded, and the order in which secrets expire. */
export class Events1764000430000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { id, word, number } = columnsFor(queryRunner);
    await createTable(queryRunner, 'event_cursor', [
      word('id', 16, { isPrimary: true }),
      number('sequence'),
      id('holder'),
      number('held_until', { default: 0 }),
      number('failures', { default: 0 }),
      number('not_before', { default: 0 }),
    ]);
    await createTable(
      queryRunner,
      'audit_notice',
      [id('id', { isPrimary: true }), number('kept_until')],
      [['kept_until']],
    );
    await addIndex(queryRunner, 'client_secret', ['expires_at']);
    for (const name of ['webhook', 'audit-log', 'watch']) {
      await insertMissing(queryRunner, `event_cursor (id, sequence, holder) VALUES ('${name}', -1, '')`);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropIndex('client_secret', 'client_secret_by_expires_at');
    await queryRunner.dropTable('audit_notice');
    await queryRunner.dropTable('event_cursor');
  }
}
