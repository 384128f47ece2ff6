import { Module } from '@nestjs/common';
import { PassportModule } from '@nestjs/passport';
import { AuditModule } from '../../audit/audit.module.js';
import { ClientsModule } from '../../clients/clients.module.js';
import { ConfigModule } from '../../config/config.module.js';
import { DatabaseModule } from '../../database/database.module.js';
import { MetricsModule } from '../../metrics/metrics.module.js';
import { ResourcesModule } from '../../resources/resources.module.js';
import { TokensModule } from '../../tokens/tokens.module.js';
import { AuthorizationController } from './authorization.controller.js';
import { ClientAuthGuard } from './client-auth.guard.js';
import { ClientBasicStrategy } from './client-basic.strategy.js';
import { IntrospectionController } from './introspection.controller.js';
import { RefusedRequests } from './refused-requests.js';
import { RevocationController } from './revocation.controller.js';
import { TokenController } from './token.controller.js';
import { VerifyController } from './verify.controller.js';

/** The OAuth endpoints of all three dialects. */
@Module({
  imports: [
    ConfigModule,
    MetricsModule,
    DatabaseModule,
    AuditModule,
    PassportModule,
    ClientsModule,
    ResourcesModule,
    TokensModule,
  ],
  controllers: [
    AuthorizationController,
    TokenController,
    IntrospectionController,
    RevocationController,
    VerifyController,
  ],
  providers: [ClientBasicStrategy, ClientAuthGuard, RefusedRequests],
})
export class OAuthHttpModule {}
