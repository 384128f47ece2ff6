import { Injectable } from '@nestjs/common';
import type { AuditEvent } from '../../audit/audit-event.js';
import { AuditFeed } from '../../audit/audit-feed.js';
import { Log } from '../../config/log.js';
import { Settings } from '../../config/settings.js';
import { Outage } from '../../database/outage.js';
import { auditView } from '../audit-view.js';
import { EventCursors } from '../event-cursors.js';
import { type Delivered, DeliveryFailed, EventOutput } from '../event-output.js';
import { StandardOutput } from './standard-output.js';

/** Writes every audit event to standard output, a JSON line each, as `/AuditEvent` shows it. */
@Injectable()
export class AuditLogOutput extends EventOutput {
  protected readonly enabled: boolean;
  private readonly output: StandardOutput | undefined;
  private readonly abort = new AbortController();

  constructor({ auditLog }: Settings, feed: AuditFeed, cursors: EventCursors, log: Log, outage: Outage) {
    super({ feed, cursors, log, outage }, { name: 'audit-log' });
    this.enabled = auditLog;
    if (auditLog) this.output = new StandardOutput();
  }

  override async onApplicationShutdown(): Promise<void> {
    this.abort.abort();
    await super.onApplicationShutdown();
  }

  protected async deliver(events: readonly AuditEvent[], delivered: Delivered): Promise<void> {
    const last = events.at(-1);
    if (!last) return;
    try {
      const lines = events.map((event) => `${JSON.stringify(auditView(event))}\n`);
      await this.output?.write(lines.join(''), this.abort.signal);
    } catch (error) {
      throw new DeliveryFailed(String((error as NodeJS.ErrnoException).code ?? 'failed'));
    }
    await delivered(last.sequence);
  }
}
