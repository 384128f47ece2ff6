import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsFor } from './columns.js';
import { createTable, insertMissing } from './repeatable.js';

/** How often each client used what it is granted, and since when that is recorded. */
export class ScopeUses1764000520000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { id, word, number } = columnsFor(queryRunner);
    await createTable(
      queryRunner,
      'scope_use',
      [
        id('id', { isPrimary: true }),
        id('client_id'),
        id('resource'),
        word('identifier', 256),
        word('operation', 256),
        number('folded'),
        number('first_used_at'),
        number('last_used_at'),
        number('verified'),
        number('introspected'),
      ],
      [['client_id']],
    );
    await createTable(queryRunner, 'scope_use_watch', [
      number('id', { isPrimary: true }),
      number('started_at'),
    ]);
    await insertMissing(queryRunner, 'scope_use_watch (id, started_at) VALUES (1, ?)', [Date.now()]);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('scope_use_watch');
    await queryRunner.dropTable('scope_use');
  }
}
