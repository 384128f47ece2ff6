import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ConfigModule } from '../config/config.module.js';
import { DatabaseModule } from '../database/database.module.js';
import { FormerOperationRow } from './former-operation.entity.js';
import { FormerOperationsRepository } from './former-operations.repository.js';
import { ProtectedResources } from './protected-resources.js';
import { ResourceRow } from './resource.entity.js';
import { ResourceCatalog } from './resource-catalog.js';
import { ResourcesRepository } from './resources.repository.js';

/** Resource servers and their operations. */
@Module({
  imports: [ConfigModule, DatabaseModule, TypeOrmModule.forFeature([ResourceRow, FormerOperationRow])],
  providers: [ResourcesRepository, ResourceCatalog, FormerOperationsRepository, ProtectedResources],
  exports: [ResourcesRepository, ResourceCatalog, FormerOperationsRepository, ProtectedResources],
})
export class ResourcesModule {}
