import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsFor } from './columns.js';
import { createTable, insertMissing } from './repeatable.js';

/** When the database was last restored from a backup; 0 if never. */
export class RestoreMark1763900640000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { number } = columnsFor(queryRunner);
    await createTable(queryRunner, 'restore_mark', [
      number('id', { isPrimary: true }),
      number('restored_at'),
    ]);
    await insertMissing(queryRunner, 'restore_mark (id, restored_at) VALUES (1, 0)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('restore_mark');
  }
}
