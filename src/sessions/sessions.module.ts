import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { ConfigModule } from '../config/config.module.js';
import { DatabaseModule } from '../database/database.module.js';
import { SessionSweeper } from './session-sweeper.js';
import { SessionsService } from './sessions.service.js';

/** The record of each issued token. */
@Module({
  imports: [ConfigModule, DatabaseModule, ClientsModule],
  providers: [SessionsService, SessionSweeper],
  exports: [SessionsService],
})
export class SessionsModule {}
