import type { MigrationInterface, QueryRunner } from 'typeorm';
import { columnsFor, createTable } from './columns.js';

/** Keys of clients, and the assertions that were used. */
export class PrivateKeyJwt1763900000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { id, number } = columnsFor(queryRunner);
    // Plain SQL: TypeORM would copy the whole table on SQLite.
    const mysql = queryRunner.connection.options.type === 'mysql';
    const unicode = mysql ? ' CHARACTER SET utf8mb4 COLLATE utf8mb4_bin' : '';
    await queryRunner.query(`ALTER TABLE client ADD COLUMN jwks text${unicode}`);
    await queryRunner.query(`ALTER TABLE client ADD COLUMN jwks_uri text${unicode}`);
    await queryRunner.query(`ALTER TABLE client ADD COLUMN assertion_audience varchar(16)${unicode}`);
    await createTable(queryRunner, 'used_assertion', [id('id', { isPrimary: true }), number('expires_at')]);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('used_assertion');
    for (const column of ['assertion_audience', 'jwks_uri', 'jwks']) {
      await queryRunner.query(`ALTER TABLE client DROP COLUMN ${column}`);
    }
  }
}
