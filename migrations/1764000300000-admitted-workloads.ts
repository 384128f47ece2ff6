import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addColumn, collation } from './repeatable.js';

/** Which workloads of a trusted issuer get tokens without a client of their own. */
export class AdmittedWorkloads1764000300000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await addColumn(queryRunner, 'trusted_issuer', 'admits', `text${collation(queryRunner, 'utf8mb4')}`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE trusted_issuer DROP COLUMN admits');
  }
}
