import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ConfigModule } from '../config/config.module.js';
import { DatabaseModule } from '../database/database.module.js';
import { ProtectedResources } from './protected-resources.js';
import { ResourceRow } from './resource.entity.js';
import { ResourceCatalog } from './resource-catalog.js';
import { ResourcesRepository } from './resources.repository.js';

/** Resource servers and their operations. */
@Module({
  imports: [ConfigModule, DatabaseModule, TypeOrmModule.forFeature([ResourceRow])],
  providers: [ResourcesRepository, ResourceCatalog, ProtectedResources],
  exports: [ResourcesRepository, ResourceCatalog, ProtectedResources],
})
export class ResourcesModule {}
