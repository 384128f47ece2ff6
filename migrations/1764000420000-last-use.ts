import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsFor } from './columns.js';
import { createTable } from './repeatable.js';

/** When and from where each credential of a client was last used. */
export class LastUse1764000420000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { id, word, number } = columnsFor(queryRunner);
    await createTable(
      queryRunner,
      'last_use',
      [
        id('id', { isPrimary: true }),
        id('client_id'),
        word('kind', 16),
        word('name', 255),
        number('used_at'),
        word('address', 64),
        word('user_agent', 255),
      ],
      [['client_id', 'used_at']],
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('last_use');
  }
}
