import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addIndex } from './repeatable.js';

/** Former operations are looked up by name in all audiences, and by the resource that had them. */
export class FormerOperationNames1764000560000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await addIndex(queryRunner, 'former_operation', ['operation']);
    await addIndex(queryRunner, 'former_operation', ['resource_id']);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropIndex('former_operation', 'former_operation_by_resource_id');
    await queryRunner.dropIndex('former_operation', 'former_operation_by_operation');
  }
}
