import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsFor } from './columns.js';
import { createTable } from './repeatable.js';

/** The operations that left an audience, with the resources that had them. */
export class FormerOperations1764000530000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { id, word, number } = columnsFor(queryRunner);
    await createTable(
      queryRunner,
      'former_operation',
      [
        word('audience', 255, { isPrimary: true }),
        word('operation', 256, { isPrimary: true }),
        id('resource_id', { isPrimary: true }),
        number('left_at'),
      ],
      [['left_at']],
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('former_operation');
  }
}
