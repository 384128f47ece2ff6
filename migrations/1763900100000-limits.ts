import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsFor } from './columns.js';
import { addColumn, collation, createTable } from './repeatable.js';

/**
 * Authentication failures by pair and by address; rate-limiter-flexible writes its three columns in this order.
 * Client token quotas and how much of each current window is used.
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
