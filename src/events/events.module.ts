import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { ClientsModule } from '../clients/clients.module.js';
import { ConfigModule } from '../config/config.module.js';
import { CryptoModule } from '../crypto/crypto.module.js';
import { DatabaseModule } from '../database/database.module.js';
import { KeysModule } from '../keys/keys.module.js';
import { AuditLogOutput } from './audit-log/audit-log-output.js';
import { EventCursors } from './event-cursors.js';
import { ExpiryWatch } from './watch/expiry-watch.js';
import { RefusalWatch } from './watch/refusal-watch.js';
import { UnusedWatch } from './watch/unused-watch.js';
import { WatchJob } from './watch/watch-job.js';
import { WebhookOutput } from './webhook/webhook-output.js';

/** Events that leave the server: signed webhooks and audit events on standard output. Off by default. */
@Module({
  imports: [ConfigModule, CryptoModule, DatabaseModule, AuditModule, KeysModule, ClientsModule],
  providers: [EventCursors, WebhookOutput, AuditLogOutput, ExpiryWatch, RefusalWatch, UnusedWatch, WatchJob],
})
export class EventsModule {}
