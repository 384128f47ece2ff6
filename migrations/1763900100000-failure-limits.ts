import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsFor, createTable } from './columns.js';

/** Failures by pair and address, as rate-limiter-flexible keeps them: it writes the three columns in this order. */
export class FailureLimits1763900100000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { id, number } = columnsFor(queryRunner);
    await createTable(
      queryRunner,
      'failure_count',
      [id('key', { isPrimary: true }), number('points'), number('expire')],
      [['expire']],
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('failure_count');
  }
}
