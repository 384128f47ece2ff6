import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { ClientsModule } from '../clients/clients.module.js';
import { ConfigModule } from '../config/config.module.js';
import { CryptoModule } from '../crypto/crypto.module.js';
import { DatabaseModule } from '../database/database.module.js';
import { MetricsModule } from '../metrics/metrics.module.js';
import { SessionAudit } from './audit/session-audit.js';
import { HeldTokens } from './held-tokens.js';
import { IssuanceProbe } from './issuance-probe.js';
import { IssuedRequests } from './issued-requests.js';
import { RecentAudiences } from './recent-audiences.js';
import { SessionMetrics } from './session-metrics.js';
import { SessionSearch } from './session-search.js';
import { SessionSweeper } from './session-sweeper.js';
import { SessionsService } from './sessions.service.js';
import { TokenCounts } from './token-counts.js';

/** The records of issued tokens. */
@Module({
  imports: [MetricsModule, ConfigModule, DatabaseModule, CryptoModule, AuditModule, ClientsModule],
  providers: [
    SessionMetrics,
    SessionsService,
    SessionSearch,
    HeldTokens,
    RecentAudiences,
    IssuedRequests,
    SessionAudit,
    TokenCounts,
    SessionSweeper,
    IssuanceProbe,
  ],
  exports: [
    SessionsService,
    TokenCounts,
    SessionSearch,
    HeldTokens,
    RecentAudiences,
    IssuedRequests,
    IssuanceProbe,
  ],
})
export class SessionsModule {}
