import { Module } from '@nestjs/common';
import { AdministrationModule } from './administration/administration.module.js';
import { AuditModule } from './audit/audit.module.js';
import { ClientsModule } from './clients/clients.module.js';
import { ConfigModule } from './config/config.module.js';
import { CryptoModule } from './crypto/crypto.module.js';
import { DatabaseModule } from './database/database.module.js';
import { EventsModule } from './events/events.module.js';
import { AdminModule } from './http/admin/admin.module.js';
import { ConsoleModule } from './http/console/console.module.js';
import { DiscoveryModule } from './http/discovery/discovery.module.js';
import { HandOverModule } from './http/hand-over/hand-over.module.js';
import { HealthModule } from './http/health/health.module.js';
import { OAuthHttpModule } from './http/oauth/oauth-http.module.js';
import { ObservationModule } from './http/observation/observation.module.js';
import { OverviewModule } from './http/overview/overview.module.js';
import { KeysModule } from './keys/keys.module.js';
import { MetricsModule } from './metrics/metrics.module.js';
import { PoliciesModule } from './policies/policies.module.js';
import { ResourcesModule } from './resources/resources.module.js';
import { SessionsModule } from './sessions/sessions.module.js';
import { TokensModule } from './tokens/tokens.module.js';
import { TracingModule } from './tracing/tracing.module.js';

/** Every module once, in the order in which they may import each other: a module knows only those above it. */
@Module({
  imports: [
    ConfigModule,
    MetricsModule,
    TracingModule,
    DatabaseModule,
    CryptoModule,
    AuditModule,
    KeysModule,
    ClientsModule,
    ResourcesModule,
    PoliciesModule,
    SessionsModule,
    TokensModule,
    AdministrationModule,
    EventsModule,
    OAuthHttpModule,
    DiscoveryModule,
    AdminModule,
    HandOverModule,
    ConsoleModule,
    HealthModule,
    OverviewModule,
    ObservationModule,
  ],
})
export class AppModule {}
