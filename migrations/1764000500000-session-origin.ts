import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addColumn, collation } from './repeatable.js';

/** Where the request for a token came from. */
export class SessionOrigin1764000500000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const ascii = collation(queryRunner, 'ascii');
    await addColumn(queryRunner, 'session', 'address', `varchar(64)${ascii}`);
    await addColumn(queryRunner, 'session', 'user_agent', `varchar(255)${ascii}`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE session DROP COLUMN user_agent');
    await queryRunner.query('ALTER TABLE session DROP COLUMN address');
  }
}
