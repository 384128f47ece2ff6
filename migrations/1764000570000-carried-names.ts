import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsFor } from './columns.js';
import { createTable, insertMissing } from './repeatable.js';

/** The names in live JWTs that are no operations in one of their audiences, and the counter of writes that add names. */
export class CarriedNames1764000570000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { id, word, number } = columnsFor(queryRunner);
    await createTable(
      queryRunner,
      'carried_name',
      [
        word('audience', 256, { isPrimary: true }),
        word('operation', 256, { isPrimary: true }),
        id('client_id', { isPrimary: true }),
        number('ends_at'),
      ],
      [['ends_at']],
    );
    await createTable(queryRunner, 'name_claim', [
      number('id', { isPrimary: true }),
      number('claims'),
      number('records'),
    ]);
    await insertMissing(queryRunner, 'name_claim (id, claims, records) VALUES (1, 0, 0)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('name_claim');
    await queryRunner.dropTable('carried_name');
  }
}
