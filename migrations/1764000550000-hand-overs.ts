import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsFor } from './columns.js';
import { createTable } from './repeatable.js';

/** Links that give a client's new secret to the person who installs it. */
export class HandOvers1764000550000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { id, word, number } = columnsFor(queryRunner);
    await createTable(
      queryRunner,
      'hand_over',
      [
        id('id', { isPrimary: true }),
        id('client_id'),
        id('secret_id'),
        word('description', 255, { isNullable: true }),
        number('secret_expires_at', { isNullable: true }),
        id('made_by'),
        number('created_at'),
        number('expires_at'),
      ],
      [['client_id'], ['expires_at']],
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('hand_over');
  }
}
