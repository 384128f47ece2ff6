import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsFor } from './columns.js';
import { addColumn, collation, createTable } from './repeatable.js';

/** Client keys and the assertions already used. */
export class PrivateKeyJwt1763900000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { id, number } = columnsFor(queryRunner);
    const unicode = collation(queryRunner, 'utf8mb4');
    await addColumn(queryRunner, 'client', 'jwks', `text${unicode}`);
    await addColumn(queryRunner, 'client', 'jwks_uri', `text${unicode}`);
    await addColumn(queryRunner, 'client', 'assertion_audience', `varchar(16)${unicode}`);
    await createTable(queryRunner, 'used_assertion', [id('id', { isPrimary: true }), number('expires_at')]);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('used_assertion');
    for (const column of ['assertion_audience', 'jwks_uri', 'jwks']) {
      await queryRunner.query(`ALTER TABLE client DROP COLUMN ${column}`);
    }
  }
}
