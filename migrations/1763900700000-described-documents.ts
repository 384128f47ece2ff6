import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addColumn, addIndex, collation } from './repeatable.js';

/** Descriptive members of clients, resources and policies, and the expiry of clients. */
export class DescribedDocuments1763900700000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const unicode = collation(queryRunner, 'utf8mb4');
    for (const table of ['client', 'resource', 'policy']) {
      await addColumn(queryRunner, table, 'description', `text${unicode} NULL`);
    }
    await addColumn(queryRunner, 'client', 'owner', `varchar(255)${unicode} NULL`);
    await addColumn(queryRunner, 'client', 'labels', `text${unicode} NULL`);
    await addColumn(queryRunner, 'client', 'expires_at', 'bigint NULL');
    await addIndex(queryRunner, 'client', ['owner']);
    await addIndex(queryRunner, 'client', ['expires_at']);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropIndex('client', 'client_by_expires_at');
    await queryRunner.dropIndex('client', 'client_by_owner');
    for (const column of ['expires_at', 'labels', 'owner']) {
      await queryRunner.query(`ALTER TABLE client DROP COLUMN ${column}`);
    }
    for (const table of ['policy', 'resource', 'client']) {
      await queryRunner.query(`ALTER TABLE ${table} DROP COLUMN description`);
    }
  }
}
