import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addColumn, collation } from './repeatable.js';

/** Descriptions of the secrets of clients. */
export class SecretDescriptions1764000410000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const definition = `varchar(255)${collation(queryRunner, 'utf8mb4')} NULL`;
    await addColumn(queryRunner, 'client_secret', 'description', definition);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE client_secret DROP COLUMN description');
  }
}
