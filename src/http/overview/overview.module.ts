import { Module } from '@nestjs/common';
import { AdministrationModule } from '../../administration/administration.module.js';
import { AuditModule } from '../../audit/audit.module.js';
import { ClientsModule } from '../../clients/clients.module.js';
import { ConfigModule } from '../../config/config.module.js';
import { CryptoModule } from '../../crypto/crypto.module.js';
import { DatabaseModule } from '../../database/database.module.js';
import { MetricsModule } from '../../metrics/metrics.module.js';
import { AdminModule } from '../admin/admin.module.js';
import { HealthModule } from '../health/health.module.js';
import { OverviewController } from './overview.controller.js';
import { PermissionsController } from './permissions.controller.js';

/** Operations on the server itself, for administrators and their console. */
@Module({
  imports: [
    ConfigModule,
    MetricsModule,
    DatabaseModule,
    CryptoModule,
    AuditModule,
    ClientsModule,
    AdministrationModule,
    AdminModule,
    HealthModule,
  ],
  controllers: [OverviewController, PermissionsController],
})
export class OverviewModule {}
