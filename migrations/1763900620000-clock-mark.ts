import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsFor, createTable } from './columns.js';

/** When the clock was last believed: the witness of how much time has passed while no process was running. */
export class ClockMark1763900620000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { number } = columnsFor(queryRunner);
    if (!(await queryRunner.hasTable('clock_mark')))
      await createTable(queryRunner, 'clock_mark', [number('id', { isPrimary: true }), number('trusted_at')]);
    const rows = await queryRunner.query('SELECT id FROM clock_mark WHERE id = 1');
    if (rows.length === 0) await queryRunner.query('INSERT INTO clock_mark (id, trusted_at) VALUES (1, 0)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('clock_mark');
  }
}
