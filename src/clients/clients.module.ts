import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ConfigModule } from '../config/config.module.js';
import { CryptoModule } from '../crypto/crypto.module.js';
import { DatabaseModule } from '../database/database.module.js';
import { DatabaseEngine } from '../database/engine/engine.js';
import { RowReader } from '../database/row-reader.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { MetricsModule } from '../metrics/metrics.module.js';
import { AcceptedSecrets } from './authentication/accepted-secrets.js';
import { AuthenticationThrottle } from './authentication/authentication-throttle.js';
import { CredentialUse } from './authentication/credential-use.js';
import {
  FailureCounter,
  MemoryFailureCounter,
  SharedFailureCounter,
} from './authentication/failure-counter.js';
import { FailureSweeper } from './authentication/failure-sweeper.js';
import { ImportedSecrets } from './authentication/imported-secrets.js';
import { SecretAuthenticator } from './authentication/secret-authenticator.js';
import { SecretCheck } from './authentication/secret-check.js';
import { ClientRow } from './client.entity.js';
import { ClientAuthenticator } from './client-authenticator.js';
import { ClientMetrics } from './client-metrics.js';
import { ClientRegistry } from './client-registry.js';
import { ClientSecret } from './client-secret.entity.js';
import { ClientSecrets } from './client-secrets.js';
import { ClientSecretsRepository } from './client-secrets.repository.js';
import { ClientsRepository } from './clients.repository.js';
import { CredentialSharers } from './credential-sharers.repository.js';
import { ExpiringCredentials } from './expiring-credentials.js';
import { Admissions } from './federation/admissions.js';
import { FederatedAssertions } from './federation/federated-assertions.js';
import { FederatedAuthenticator } from './federation/federated-authenticator.js';
import { FederatedRulesRepository } from './federation/federated-rules.repository.js';
import { IssuerKeys } from './federation/issuer-keys.js';
import { IssuerRegistry } from './federation/issuer-registry.js';
import { RuleIndex } from './federation/rule-index.js';
import { TrustedIssuerRow } from './federation/trusted-issuer.entity.js';
import { TrustedIssuersRepository } from './federation/trusted-issuers.repository.js';
import { WorkloadAdmission } from './federation/workload-admission.js';
import { WorkloadUseSweeper } from './federation/workload-use-sweeper.js';
import { ClientFiguresReader } from './figures/client-figures.js';
import { HandOver } from './hand-over/hand-over.entity.js';
import { HandOversRepository } from './hand-over/hand-overs.repository.js';
import { AssertionAuthenticator } from './private-key-jwt/assertion-authenticator.js';
import { ClientKeys } from './private-key-jwt/client-keys.js';
import { JwksFetcher } from './private-key-jwt/jwks/jwks-fetcher.js';
import { RemoteKeys } from './private-key-jwt/jwks/remote-keys.js';
import { RestoreMark } from './private-key-jwt/replay/restore-mark.js';
import { UsedAssertionSweeper } from './private-key-jwt/replay/used-assertion-sweeper.js';
import { UsedAssertions } from './private-key-jwt/replay/used-assertions.js';
import { ScopeUseCounts } from './scope-use/scope-use-counts.js';
import { ScopeUseSweeper } from './scope-use/scope-use-sweeper.js';
import { ScopeUseWriter } from './scope-use/scope-use-writer.js';
import { ScopeUsesRepository } from './scope-use/scope-uses.repository.js';
import { UnusedClients } from './usage/unused-clients.js';

/** Clients, their secrets, and client authentication. */
@Module({
  imports: [
    MetricsModule,
    ConfigModule,
    CryptoModule,
    DatabaseModule,
    TypeOrmModule.forFeature([ClientRow, ClientSecret, HandOver, TrustedIssuerRow]),
  ],
  providers: [
    ClientMetrics,
    ClientsRepository,
    HandOversRepository,
    ClientSecretsRepository,
    ClientRegistry,
    ClientSecrets,
    AcceptedSecrets,
    CredentialUse,
    {
      provide: FailureCounter,
      inject: [DatabaseEngine, UnitOfWork, RowReader],
      useFactory: (engine: DatabaseEngine, unitOfWork: UnitOfWork, reader: RowReader) => {
        const counts = engine.openWindowCounts();
        return counts ? new SharedFailureCounter(counts, unitOfWork, reader) : new MemoryFailureCounter();
      },
    },
    AuthenticationThrottle,
    FailureSweeper,
    ImportedSecrets,
    SecretAuthenticator,
    SecretCheck,
    AssertionAuthenticator,
    ClientAuthenticator,
    ClientKeys,
    TrustedIssuersRepository,
    FederatedRulesRepository,
    IssuerRegistry,
    IssuerKeys,
    RuleIndex,
    FederatedAssertions,
    FederatedAuthenticator,
    Admissions,
    WorkloadAdmission,
    WorkloadUseSweeper,
    RemoteKeys,
    JwksFetcher,
    RestoreMark,
    UsedAssertions,
    UsedAssertionSweeper,
    ExpiringCredentials,
    UnusedClients,
    CredentialSharers,
    ScopeUseCounts,
    ScopeUsesRepository,
    ScopeUseWriter,
    ScopeUseSweeper,
    ClientFiguresReader,
  ],
  exports: [
    ClientsRepository,
    HandOversRepository,
    AuthenticationThrottle,
    RestoreMark,
    ClientSecretsRepository,
    ClientRegistry,
    ClientSecrets,
    CredentialUse,
    SecretAuthenticator,
    ClientAuthenticator,
    FederatedAssertions,
    IssuerKeys,
    Admissions,
    WorkloadAdmission,
    RuleIndex,
    TrustedIssuersRepository,
    FederatedRulesRepository,
    ExpiringCredentials,
    UnusedClients,
    CredentialSharers,
    ScopeUseCounts,
    ScopeUsesRepository,
    ScopeUseWriter,
    ClientFiguresReader,
  ],
})
export class ClientsModule {}
