import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When a signing key was retired without a successor, because nothing asks for its algorithm any more. */
export class RetiredKeys1763900400000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    // Not by TypeORM, which would make the SQLite table anew and forget how it is stored.
    await queryRunner.query('ALTER TABLE signing_key ADD COLUMN retired_at bigint NULL');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE signing_key DROP COLUMN retired_at');
  }
}
