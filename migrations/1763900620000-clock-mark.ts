import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsFor } from './columns.js';
import { createTable, insertMissing } from './repeatable.js';

/** The last time at which the clock was trusted. It shows how much time has passed while no process was running. */
export class ClockMark1763900620000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { number } = columnsFor(queryRunner);
    await createTable(queryRunner, 'clock_mark', [number('id', { isPrimary: true }), number('trusted_at')]);
    await insertMissing(queryRunner, 'clock_mark (id, trusted_at) VALUES (1, 0)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('clock_mark');
  }
}
