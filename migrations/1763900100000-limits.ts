import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsFor } from './columns.js';
import { addColumn, collation, createTable } from './repeatable.js';

/**
 * Failures by pair and address, as rate-limiter-flexible keeps them: it writes the three columns in this order.
 * Token quotas of clients, and how far the windows of now are used.
 */
export class Limits1763900100000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { id, number } = columnsFor(queryRunner);
    const primary = { isPrimary: true };
    await createTable(
      queryRunner,
      'failure_count',
      [id('key', primary), number('points'), number('expire')],
      [['expire']],
    );
    await addColumn(queryRunner, 'client', 'token_quota', `text${collation(queryRunner, 'utf8mb4')} NULL`);
    await createTable(queryRunner, 'token_quota_use', [
      id('client_id', primary),
      number('hour_start'),
      number('hour_used'),
      number('day_start'),
      number('day_used'),
    ]);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('token_quota_use');
    await queryRunner.query('ALTER TABLE client DROP COLUMN token_quota');
    await queryRunner.dropTable('failure_count');
  }
}
