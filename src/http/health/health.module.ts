import { Module } from '@nestjs/common';
import { DatabaseModule } from '../../database/database.module.js';
import { PoliciesModule } from '../../policies/policies.module.js';
import { HealthController } from './health.controller.js';

@Module({ imports: [DatabaseModule, PoliciesModule], controllers: [HealthController] })
export class HealthModule {}
