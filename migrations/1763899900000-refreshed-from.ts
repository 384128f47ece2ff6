import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addColumn, collation } from './repeatable.js';

/** The session that a refreshed session replaces, so that using the new one ends the grace period of the old one. */
export class RefreshedFrom1763899900000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const definition = `varchar(64)${collation(queryRunner, 'ascii')}`;
    await addColumn(queryRunner, 'session', 'refreshed_from', definition);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE session DROP COLUMN refreshed_from');
  }
}
