import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditModule } from '../audit/audit.module.js';
import { ClientsModule } from '../clients/clients.module.js';
import { ConfigModule } from '../config/config.module.js';
import { DatabaseModule } from '../database/database.module.js';
import { ResourcesModule } from '../resources/resources.module.js';
import { AdministrationGrant } from './administration-grant.js';
import { Administrators } from './administrators.js';
import { CompiledPolicyCache } from './compiled-policy-cache.js';
import { ExplainService } from './explain.service.js';
import { FirstAdministrator } from './first-administrator.js';
import { PoliciesRepository } from './policies.repository.js';
import { PolicyClientRow, PolicyResourceRow, PolicyRow } from './policy.entity.js';

/** Policies, decisions, and the checks of what an administrator may grant. */
@Module({
  imports: [
    ConfigModule,
    DatabaseModule,
    AuditModule,
    ClientsModule,
    ResourcesModule,
    TypeOrmModule.forFeature([PolicyRow, PolicyClientRow, PolicyResourceRow]),
  ],
  providers: [
    AdministrationGrant,
    PoliciesRepository,
    CompiledPolicyCache,
    Administrators,
    FirstAdministrator,
    ExplainService,
  ],
  exports: [PoliciesRepository, CompiledPolicyCache, Administrators, FirstAdministrator, ExplainService],
})
export class PoliciesModule {}
