import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addColumn } from './repeatable.js';

/** When a signing key was retired without a successor because no client or resource uses its algorithm any more. */
export class RetiredKeys1763900400000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await addColumn(queryRunner, 'signing_key', 'retired_at', 'bigint NULL');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE signing_key DROP COLUMN retired_at');
  }
}
