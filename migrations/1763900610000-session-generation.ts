import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addColumn } from './repeatable.js';

/**
 * A counter in place of a time: a session is live while its generation is that of its client. Sessions from before have
 * none; they stay judged by `sessions_closed_before`, which is never written again.
 */
export class SessionGeneration1763900610000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await addColumn(queryRunner, 'client', 'session_generation', 'bigint NOT NULL DEFAULT 0');
    await addColumn(queryRunner, 'session', 'generation', 'bigint NULL');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE session DROP COLUMN generation');
    await queryRunner.query('ALTER TABLE client DROP COLUMN session_generation');
  }
}
