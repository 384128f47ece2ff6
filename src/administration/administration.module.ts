import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { ClientsModule } from '../clients/clients.module.js';
import { ConfigModule } from '../config/config.module.js';
import { CryptoModule } from '../crypto/crypto.module.js';
import { DatabaseModule } from '../database/database.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { PoliciesModule } from '../policies/policies.module.js';
import { ResourcesModule } from '../resources/resources.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { Extents } from './access/extents.js';
import { Permissions } from './access/permissions.js';
import { Permits } from './access/permits.js';
import { Writers } from './access/writer.js';
import { AdministrationGrant } from './administrators/administration-grant.js';
import { Administrators } from './administrators/administrators.js';
import { FirstAdministrator } from './administrators/first-administrator.js';
import { BundlePreparation } from './bundles/bundle-preparation.js';
import { BundleTypes } from './bundles/bundle-types.js';
import { BundleWriters } from './bundles/bundle-writers.js';
import { ConfigurationBundles } from './bundles/configuration-bundles.js';
import { ClientDocuments } from './clients/client-documents.js';
import { ClientDrafts } from './clients/client-drafts.js';
import { ClientReader } from './clients/client-reader.js';
import { ClientRemoval } from './clients/client-removal.js';
import { ClientType } from './clients/client-type.js';
import { ClientUsage } from './clients/client-usage.js';
import { FederatedRules } from './clients/federated-rules.js';
import { SecretAddition } from './clients/secrets/secret-addition.js';
import { SecretChanges } from './clients/secrets/secret-changes.js';
import { SecretEnding } from './clients/secrets/secret-ending.js';
import { SecretRotation } from './clients/secrets/secret-rotation.js';
import { SecretStrength } from './clients/secrets/secret-strength.js';
import { ShownClients } from './clients/shown-clients.js';
import { ClaimSums } from './configuration/claim-sums.js';
import { ConfigurationAudit } from './configuration/configuration-audit.js';
import { ConfigurationDeletions } from './configuration/configuration-deletions.js';
import { ConfigurationSteps } from './configuration/configuration-steps.js';
import { ConfigurationWrites } from './configuration/configuration-writes.js';
import { Namespace } from './configuration/namespace.js';
import { BlastRadiusService } from './containment/blast-radius.js';
import { Containment } from './containment/containment.js';
import { PolicyDifferences } from './difference/policy-difference.js';
import { ProposedConfiguration } from './difference/proposed-configuration.js';
import { RequestReader } from './difference/request-reader.js';
import { RequestReplay } from './difference/request-replay.js';
import { GainingClients } from './escalation/gaining-clients.js';
import { IssuerEscalation } from './escalation/issuer-escalation.js';
import { CarriedNameGains } from './escalation/names/carried-name-gains.js';
import { PrivilegeEscalationGuard } from './escalation/privilege-escalation-guard.js';
import { UnregisteredAudiences } from './escalation/unregistered-audiences.js';
import { HandOverMaking } from './hand-over/hand-over-making.js';
import { HandOverOpening } from './hand-over/hand-over-opening.js';
import { HandOverSweeper } from './hand-over/hand-over-sweeper.js';
import { AdmissionFaults } from './issuers/admission-faults.js';
import { AssertionTrial } from './issuers/assertion-trial.js';
import { IssuerType } from './issuers/issuer-type.js';
import { IssuerUse } from './issuers/issuer-use.js';
import { PolicyType } from './policies/policy-type.js';
import { ResourceType } from './resources/resource-type.js';
import { ResourceUse } from './resources/resource-use.js';
import { SessionAdministration } from './sessions/session-administration.js';
import { ScopeUsage } from './usage/scope-usage.js';

/** The use cases of administrators, without HTTP: who may do what, writes of each type, and the first administrator. */
@Module({
  imports: [
    ConfigModule,
    DatabaseModule,
    CryptoModule,
    AuditModule,
    KeysModule,
    ClientsModule,
    ResourcesModule,
    PoliciesModule,
    SessionsModule,
    TokensModule,
  ],
  providers: [
    Extents,
    Permissions,
    Permits,
    Writers,
    AdministrationGrant,
    Administrators,
    FirstAdministrator,
    ClientDocuments,
    ClientDrafts,
    ClientReader,
    ClientRemoval,
    ClientType,
    SecretChanges,
    SecretRotation,
    SecretAddition,
    SecretEnding,
    SecretStrength,
    ShownClients,
    ClientUsage,
    PolicyDifferences,
    ProposedConfiguration,
    RequestReader,
    RequestReplay,
    BlastRadiusService,
    Containment,
    HandOverMaking,
    HandOverOpening,
    HandOverSweeper,
    ScopeUsage,
    ConfigurationAudit,
    ConfigurationSteps,
    BundleTypes,
    BundlePreparation,
    BundleWriters,
    ConfigurationBundles,
    ConfigurationDeletions,
    ConfigurationWrites,
    ClaimSums,
    Namespace,
    FederatedRules,
    IssuerType,
    IssuerUse,
    AdmissionFaults,
    AssertionTrial,
    IssuerEscalation,
    GainingClients,
    CarriedNameGains,
    PrivilegeEscalationGuard,
    UnregisteredAudiences,
    PolicyType,
    ResourceType,
    ResourceUse,
    SessionAdministration,
  ],
  exports: [
    Extents,
    ShownClients,
    Permits,
    Permissions,
    Writers,
    FirstAdministrator,
    BundleTypes,
    ConfigurationBundles,
    ConfigurationWrites,
    ConfigurationDeletions,
    ClientDocuments,
    ClientType,
    PolicyType,
    ResourceType,
    IssuerType,
    AssertionTrial,
    SecretRotation,
    SecretAddition,
    PolicyDifferences,
    BlastRadiusService,
    Containment,
    HandOverMaking,
    HandOverOpening,
    ClientUsage,
    SecretEnding,
    SessionAdministration,
  ],
})
export class AdministrationModule {}
