import { Module } from '@nestjs/common';
import { CryptoModule } from '../../crypto/crypto.module.js';
import { DatabaseModule } from '../../database/database.module.js';
import { PoliciesModule } from '../../policies/policies.module.js';
import { SessionsModule } from '../../sessions/sessions.module.js';
import { HealthController } from './health.controller.js';
import { Readiness } from './readiness.js';
import { ShutdownState } from './shutdown-state.js';

@Module({
  imports: [CryptoModule, DatabaseModule, PoliciesModule, SessionsModule],
  controllers: [HealthController],
  providers: [ShutdownState, Readiness],
})
export class HealthModule {}
