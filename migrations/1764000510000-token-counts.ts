import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsFor } from './columns.js';
import { createTable } from './repeatable.js';

/** How many tokens each client got on each day. */
export class TokenCounts1764000510000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { id, number } = columnsFor(queryRunner);
    await createTable(
      queryRunner,
      'token_count',
      [id('client_id', { isPrimary: true }), number('day', { isPrimary: true }), number('tokens')],
      [['day']],
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('token_count');
  }
}
