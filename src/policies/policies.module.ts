import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditModule } from '../audit/audit.module.js';
import { ClientsModule } from '../clients/clients.module.js';
import { ConfigModule } from '../config/config.module.js';
import { DatabaseModule } from '../database/database.module.js';
import { ResourcesModule } from '../resources/resources.module.js';
import { CompiledPolicyCache } from './compiled-policy-cache.js';
import { DecisionPoint } from './decision-point.service.js';
import { ExplainService } from './explain.service.js';
import { PoliciesRepository } from './policies.repository.js';
import { PolicyClientRow, PolicyResourceRow, PolicyRow } from './policy.entity.js';

/** Policies and decisions. */
@Module({
  imports: [
    ConfigModule,
    DatabaseModule,
    AuditModule,
    ClientsModule,
    ResourcesModule,
    TypeOrmModule.forFeature([PolicyRow, PolicyClientRow, PolicyResourceRow]),
  ],
  providers: [PoliciesRepository, CompiledPolicyCache, ExplainService, DecisionPoint],
  exports: [PoliciesRepository, CompiledPolicyCache, ExplainService, DecisionPoint],
})
export class PoliciesModule {}
