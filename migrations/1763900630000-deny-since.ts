import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addColumn } from './repeatable.js';

/** Since when a policy has denied something to every client. For existing ones that is at most since their creation. */
export class DenySince1763900630000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await addColumn(queryRunner, 'policy', 'denies_everyone_since', 'bigint NULL');
    await queryRunner.query(
      `UPDATE policy SET denies_everyone_since = created_at
       WHERE everyone = TRUE AND denies_everyone_since IS NULL AND INSTR(rules, '"effect":"deny"') > 0`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE policy DROP COLUMN denies_everyone_since');
  }
}
