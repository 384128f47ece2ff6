import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ConfigModule } from '../config/config.module.js';
import { CryptoModule } from '../crypto/crypto.module.js';
import { DatabaseModule } from '../database/database.module.js';
import { CarriedNameRow } from './carried-name.entity.js';
import { CarriedNames } from './carried-names.repository.js';
import { FormerOperationRow } from './former-operation.entity.js';
import { FormerOperationsRepository } from './former-operations.repository.js';
import { NameClaimRow } from './name-claim.entity.js';
import { ProtectedResources } from './protected-resources.js';
import { ResourceRow } from './resource.entity.js';
import { ResourceCatalog } from './resource-catalog.js';
import { ResourcesRepository } from './resources.repository.js';

/** Resource servers and their operations. */
@Module({
  imports: [
    ConfigModule,
    DatabaseModule,
    CryptoModule,
    TypeOrmModule.forFeature([ResourceRow, FormerOperationRow, CarriedNameRow, NameClaimRow]),
  ],
  providers: [
    ResourcesRepository,
    ResourceCatalog,
    FormerOperationsRepository,
    CarriedNames,
    ProtectedResources,
  ],
  exports: [
    ResourcesRepository,
    ResourceCatalog,
    FormerOperationsRepository,
    CarriedNames,
    ProtectedResources,
  ],
})
export class ResourcesModule {}
