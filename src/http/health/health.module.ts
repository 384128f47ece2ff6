import { Module } from '@nestjs/common';
import { CryptoModule } from '../../crypto/crypto.module.js';
import { DatabaseModule } from '../../database/database.module.js';
import { PoliciesModule } from '../../policies/policies.module.js';
import { HealthController } from './health.controller.js';
import { ShutdownState } from './shutdown-state.js';

@Module({
  imports: [CryptoModule, DatabaseModule, PoliciesModule],
  controllers: [HealthController],
  providers: [ShutdownState],
})
export class HealthModule {}
