import { Module } from '@nestjs/common';
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
import { Permits } from './access/permits.js';
import { Writers } from './access/writer.js';
import { ProblemFilter } from './answer/problem.filter.js';
import { AuditController } from './audit/audit.controller.js';
import { RefusedCallers } from './caller/refused-callers.js';
import { ClientDrafts } from './clients/client-drafts.js';
import { ClientRemoval } from './clients/client-removal.js';
import { ClientType } from './clients/client-type.js';
import { ClientsController } from './clients/clients.controller.js';
import { RotateSecretController } from './clients/rotate-secret.controller.js';
import { SecretRotation } from './clients/secret-rotation.js';
import { SecretStrength } from './clients/secret-strength.js';
import { ShownClients } from './clients/shown-clients.js';
import { ConfigurationAudit } from './configuration/configuration-audit.js';
import { ConfigurationDeletions } from './configuration/configuration-deletions.js';
import { ConfigurationReads } from './configuration/configuration-reads.js';
import { ConfigurationWrites } from './configuration/configuration-writes.js';
import { Namespace } from './configuration/namespace.js';
import { GainingClients } from './escalation/gaining-clients.js';
import { PrivilegeEscalationGuard } from './escalation/privilege-escalation-guard.js';
import { UnregisteredAudiences } from './escalation/unregistered-audiences.js';
import { KeysController } from './keys/keys.controller.js';
import { ExplainController } from './policies/explain.controller.js';
import { PoliciesController } from './policies/policies.controller.js';
import { PolicyType } from './policies/policy-type.js';
import { ResourceType } from './resources/resource-type.js';
import { ResourceUse } from './resources/resource-use.js';
import { ResourcesController } from './resources/resources.controller.js';
import { BundleSearch } from './search/bundle-search.js';
import { SessionAdministration } from './sessions/session-administration.js';
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
  ],
  controllers: [
    ClientsController,
    RotateSecretController,
    ResourcesController,
    PoliciesController,
    ExplainController,
    SessionsController,
    KeysController,
    AuditController,
  ],
  providers: [
    AdminEntrance,
    AdminGuard,
    ProblemFilter,
    Permits,
    Writers,
    RefusedCallers,
    BundleSearch,
    ConfigurationAudit,
    ConfigurationReads,
    ConfigurationWrites,
    ConfigurationDeletions,
    Namespace,
    PrivilegeEscalationGuard,
    UnregisteredAudiences,
    GainingClients,
    ClientType,
    ClientDrafts,
    SecretStrength,
    ShownClients,
    SecretRotation,
    ClientRemoval,
    ResourceType,
    ResourceUse,
    PolicyType,
    SessionAdministration,
    SessionList,
  ],
})
export class AdminModule {}
