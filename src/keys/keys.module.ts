import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditModule } from '../audit/audit.module.js';
import { ConfigModule } from '../config/config.module.js';
import { CryptoModule } from '../crypto/crypto.module.js';
import { DatabaseModule } from '../database/database.module.js';
import { MetricsModule } from '../metrics/metrics.module.js';
import { KeyMetrics } from './key-metrics.js';
import { KeyRing } from './key-ring.service.js';
import { KeyRotation } from './key-rotation.service.js';
import { SigningKeyRow } from './signing-key.entity.js';
import { SigningKeysRepository } from './signing-keys.repository.js';

/** Signing keys: generation, rotation, publication. */
@Module({
  imports: [
    MetricsModule,
    ConfigModule,
    CryptoModule,
    DatabaseModule,
    AuditModule,
    TypeOrmModule.forFeature([SigningKeyRow]),
  ],
  providers: [KeyMetrics, SigningKeysRepository, KeyRing, KeyRotation],
  exports: [SigningKeysRepository, KeyRing, KeyRotation],
})
export class KeysModule {}
