import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addColumn, collation } from './repeatable.js';

/** Static claims of the tokens of a client, and of those for a resource's audience. */
export class Claims1764000400000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const text = `text${collation(queryRunner, 'utf8mb4')} NULL`;
    await addColumn(queryRunner, 'client', 'claims', text);
    await addColumn(queryRunner, 'resource', 'claims', text);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE resource DROP COLUMN claims');
    await queryRunner.query('ALTER TABLE client DROP COLUMN claims');
  }
}
