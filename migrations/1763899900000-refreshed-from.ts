import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which session a refreshed one came from, so that using the one ends the grace of the other. */
export class RefreshedFrom1763899900000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    // Plain SQL: TypeORM would copy the whole table on SQLite.
    const mysql = queryRunner.connection.options.type === 'mysql';
    const ascii = mysql ? ' CHARACTER SET ascii COLLATE ascii_bin' : '';
    await queryRunner.query(`ALTER TABLE session ADD COLUMN refreshed_from varchar(64)${ascii}`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE session DROP COLUMN refreshed_from');
  }
}
