import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { ClientsModule } from '../clients/clients.module.js';
import { ConfigModule } from '../config/config.module.js';
import { DatabaseModule } from '../database/database.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { PoliciesModule } from '../policies/policies.module.js';
import { ResourcesModule } from '../resources/resources.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { AudienceService } from './audience.service.js';
import { ClientCredentialsGrant } from './grants/client-credentials.grant.js';
import { RefreshTokenGrant } from './grants/refresh-token.grant.js';
import { WorkloadGrant } from './grants/workload.grant.js';
import { IntrospectionService } from './introspection/introspection.service.js';
import { SignedIntrospection } from './introspection/signed-introspection.js';
import { IssuancePlans } from './issuance/issuance-plans.js';
import { NameRecorder } from './issuance/name-recorder.js';
import { TokenService } from './issuance/token.service.js';
import { TokenQuotas } from './issuance/token-quotas.service.js';
import { KeySchedule } from './key-schedule.js';
import { MetadataService } from './metadata.service.js';
import { RequestRehearsal } from './request-rehearsal.js';
import { RevocationService } from './revocation.service.js';
import { TokenFinder } from './token-finder.js';
import { VerificationService } from './verification.service.js';

/** The use cases: issuing, introspecting, verifying and revoking tokens. */
@Module({
  imports: [
    ConfigModule,
    DatabaseModule,
    KeysModule,
    ClientsModule,
    ResourcesModule,
    PoliciesModule,
    SessionsModule,
    AuditModule,
  ],
  providers: [
    AudienceService,
    ClientCredentialsGrant,
    RefreshTokenGrant,
    WorkloadGrant,
    TokenQuotas,
    KeySchedule,
    IssuancePlans,
    NameRecorder,
    TokenService,
    TokenFinder,
    VerificationService,
    IntrospectionService,
    SignedIntrospection,
    RevocationService,
    RequestRehearsal,
    MetadataService,
  ],
  exports: [
    TokenService,
    TokenFinder,
    VerificationService,
    IntrospectionService,
    SignedIntrospection,
    RevocationService,
    RequestRehearsal,
    MetadataService,
  ],
})
export class TokensModule {}
