import { Module } from '@nestjs/common';
import { AdministrationModule } from '../../administration/administration.module.js';
import { CryptoModule } from '../../crypto/crypto.module.js';
import { DatabaseModule } from '../../database/database.module.js';
import { MetricsModule } from '../../metrics/metrics.module.js';
import { SessionsModule } from '../../sessions/sessions.module.js';
import { HealthController } from './health.controller.js';
import { HealthMetrics } from './health-metrics.js';
import { Readiness } from './readiness.js';
import { ShutdownState } from './shutdown-state.js';

@Module({
  imports: [MetricsModule, CryptoModule, DatabaseModule, AdministrationModule, SessionsModule],
  controllers: [HealthController],
  providers: [HealthMetrics, ShutdownState, Readiness],
  exports: [Readiness],
})
export class HealthModule {}
