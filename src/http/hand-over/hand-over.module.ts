import { Module } from '@nestjs/common';
import { AdministrationModule } from '../../administration/administration.module.js';
import { AuditModule } from '../../audit/audit.module.js';
import { ConfigModule } from '../../config/config.module.js';
import { DatabaseModule } from '../../database/database.module.js';
import { MetricsModule } from '../../metrics/metrics.module.js';
import { RefusedRequests } from '../oauth/refused-requests.js';
import { HandOverPageController } from './hand-over.controller.js';

/** The page behind a link for a new secret, and what opens it. */
@Module({
  imports: [ConfigModule, MetricsModule, DatabaseModule, AuditModule, AdministrationModule],
  controllers: [HandOverPageController],
  providers: [RefusedRequests],
})
export class HandOverModule {}
