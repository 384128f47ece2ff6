import { Module } from '@nestjs/common';
import { AdministrationModule } from '../../administration/administration.module.js';
import { AuditModule } from '../../audit/audit.module.js';
import { ClientsModule } from '../../clients/clients.module.js';
import { ConfigModule } from '../../config/config.module.js';
import { DatabaseModule } from '../../database/database.module.js';
import { KeysModule } from '../../keys/keys.module.js';
import { PoliciesModule } from '../../policies/policies.module.js';
import { ResourcesModule } from '../../resources/resources.module.js';
import { SessionsModule } from '../../sessions/sessions.module.js';
import { TokensModule } from '../../tokens/tokens.module.js';
import { AdminGuard } from './access/admin.guard.js';
import { AdminEntrance } from './access/admin-entrance.js';
import { ProblemFilter } from './answer/problem.filter.js';
import { AuditController } from './audit/audit.controller.js';
import { DecisionPointController } from './authzen/decision-point.controller.js';
import { BundleController } from './bundles/bundle.controller.js';
import { RefusedCallers } from './caller/refused-callers.js';
import { ClientsController } from './clients/clients.controller.js';
import { ContainmentController } from './clients/containment.controller.js';
import { HandOverController } from './clients/hand-over.controller.js';
import { RotateSecretController } from './clients/rotate-secret.controller.js';
import { RotationController } from './clients/rotation.controller.js';
import { SecretsController } from './clients/secrets.controller.js';
import { UsageController } from './clients/usage.controller.js';
import { ConfigurationReads } from './configuration/configuration-reads.js';
import { IssuerKeysController } from './issuers/issuer-keys.controller.js';
import { IssuersController } from './issuers/issuers.controller.js';
import { TryController } from './issuers/try.controller.js';
import { KeysController } from './keys/keys.controller.js';
import { DifferenceController } from './policies/difference.controller.js';
import { ExplainController } from './policies/explain.controller.js';
import { PoliciesController } from './policies/policies.controller.js';
import { ResourcesController } from './resources/resources.controller.js';
import { BundleSearch } from './search/bundle-search.js';
import { SessionList } from './sessions/session-list.js';
import { SessionsController } from './sessions/sessions.controller.js';

/** The administration API: clients, resources, policies, sessions. */
@Module({
  imports: [
    ConfigModule,
    DatabaseModule,
    AuditModule,
    KeysModule,
    ClientsModule,
    ResourcesModule,
    PoliciesModule,
    SessionsModule,
    TokensModule,
    AdministrationModule,
  ],
  controllers: [
    UsageController,
    ClientsController,
    RotateSecretController,
    SecretsController,
    ContainmentController,
    RotationController,
    HandOverController,
    ResourcesController,
    IssuersController,
    IssuerKeysController,
    TryController,
    PoliciesController,
    ExplainController,
    DifferenceController,
    SessionsController,
    KeysController,
    AuditController,
    BundleController,
    DecisionPointController,
  ],
  providers: [
    AdminEntrance,
    AdminGuard,
    ProblemFilter,
    RefusedCallers,
    BundleSearch,
    ConfigurationReads,
    SessionList,
  ],
  exports: [RefusedCallers],
})
export class AdminModule {}
