import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addColumn } from './repeatable.js';

/**
 * A counter instead of a time: a session is live while its generation equals its client's. Older sessions have no
 * generation and are still judged by `sessions_closed_before`, which is no longer written.
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
