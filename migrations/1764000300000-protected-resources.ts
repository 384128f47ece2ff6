import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addColumn, collation, dialectOf } from './repeatable.js';

/** Where a resource is reached, and whether its metadata may list its operations. */
export class ProtectedResources1764000300000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const unicode = collation(queryRunner, 'utf8mb4');
    await addColumn(queryRunner, 'resource', 'uri', `varchar(255)${unicode} NULL`);
    const { flagType } = dialectOf(queryRunner);
    await addColumn(queryRunner, 'resource', 'is_public', `${flagType} NOT NULL DEFAULT FALSE`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE resource DROP COLUMN is_public');
    await queryRunner.query('ALTER TABLE resource DROP COLUMN uri');
  }
}
