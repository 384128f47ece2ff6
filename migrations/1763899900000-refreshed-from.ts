import type { MigrationInterface, QueryRunner } from 'typeorm';
import { TableColumn } from 'typeorm';
import { columnsFor } from './columns.js';

/** Which session a refreshed one came from, so that using the one ends the grace of the other. */
export class RefreshedFrom1763899900000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const { id } = columnsFor(queryRunner);
    await queryRunner.addColumn('session', new TableColumn(id('refreshed_from', { isNullable: true })));
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropColumn('session', 'refreshed_from');
  }
}
