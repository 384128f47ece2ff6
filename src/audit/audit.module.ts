import { Module } from '@nestjs/common';
import { ConfigModule } from '../config/config.module.js';
import { CryptoModule } from '../crypto/crypto.module.js';
import { DatabaseModule } from '../database/database.module.js';
import { MetricsModule } from '../metrics/metrics.module.js';
import { AuditEventsRepository } from './audit-events.repository.js';
import { AuditFeed } from './audit-feed.js';
import { AuditMetrics } from './audit-metrics.js';
import { AuditRetention } from './audit-retention.js';
import { AuditTrail } from './audit-trail.js';
import { AuditChain } from './chain/audit-chain.js';
import { AuditCheckpoints } from './chain/audit-checkpoints.js';
import { AuditKey } from './chain/audit-key.js';
import { AuditKeysRepository } from './chain/audit-keys.repository.js';
import { ChainFiguresReader } from './chain/chain-figures.js';
import { ChainWatch } from './chain/chain-watch.js';
import { Notices } from './notices/notices.js';
import { Refusals } from './refusals.js';

/** The audit events: one chain for each database, appended to by every process, truncated by age at its old end. */
@Module({
  imports: [MetricsModule, ConfigModule, CryptoModule, DatabaseModule],
  providers: [
    AuditMetrics,
    AuditKeysRepository,
    AuditKey,
    AuditChain,
    AuditCheckpoints,
    AuditTrail,
    ChainWatch,
    ChainFiguresReader,
    Refusals,
    AuditRetention,
    AuditEventsRepository,
    AuditFeed,
    Notices,
  ],
  exports: [
    AuditKeysRepository,
    AuditChain,
    AuditTrail,
    ChainFiguresReader,
    Refusals,
    AuditEventsRepository,
    AuditFeed,
    Notices,
  ],
})
export class AuditModule {}
