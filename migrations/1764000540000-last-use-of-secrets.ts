import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addColumn, dropColumn, insertMissing } from './repeatable.js';

/** The last uses of secrets from before `last_use` existed: without an address, because none was recorded. */
export class LastUseOfSecrets1764000540000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    if (!(await queryRunner.hasColumn('client_secret', 'last_used_at'))) return;
    await insertMissing(
      queryRunner,
      `last_use (id, client_id, kind, name, used_at, address, user_agent)
       SELECT id, client_id, 'secret', '', last_used_at, '', '' FROM client_secret WHERE last_used_at IS NOT NULL`,
    );
    await dropColumn(queryRunner, 'client_secret', 'last_used_at');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await addColumn(queryRunner, 'client_secret', 'last_used_at', 'bigint NULL');
  }
}
