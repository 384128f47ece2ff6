import { Injectable } from '@nestjs/common';
import type { AuditEvent } from '../../audit/audit-event.js';
import { AuditFeed } from '../../audit/audit-feed.js';
import { Log } from '../../config/log.js';
import { Settings } from '../../config/settings.js';
import { Outage } from '../../database/outage.js';
import { EventCursors } from '../event-cursors.js';
import { type Delivered, EventOutput } from '../event-output.js';
import { actionsOf, messageOf } from './event-message.js';
import { WebhookRequest } from './webhook-request.js';

/** How long a request that is under way may still take when the server stops. */
const STOP_MS = 2000;

/** Posts the chosen types of events to one receiver, one after another. */
@Injectable()
export class WebhookOutput extends EventOutput {
  protected readonly enabled: boolean;
  private readonly request: WebhookRequest | undefined;
  private readonly abort = new AbortController();

  constructor(
    private readonly settings: Settings,
    feed: AuditFeed,
    cursors: EventCursors,
    log: Log,
    outage: Outage,
  ) {
    const { webhook } = settings;
    super(
      { feed, cursors, log, outage },
      { name: 'webhook', ...(webhook ? { actions: actionsOf(webhook.events) } : {}) },
    );
    this.enabled = webhook !== undefined;
    if (webhook) this.request = new WebhookRequest(webhook);
  }

  override async onApplicationShutdown(): Promise<void> {
    const cut = setTimeout(() => this.abort.abort(), STOP_MS);
    await super.onApplicationShutdown();
    clearTimeout(cut);
  }

  protected async deliver(events: readonly AuditEvent[], delivered: Delivered): Promise<void> {
    const types = this.settings.webhook?.events ?? [];
    for (const event of events) {
      if (this.stopping) return;
      const message = messageOf(event, types);
      if (!message) continue;
      await this.renew();
      await this.request?.send(event.id, JSON.stringify(message), this.abort.signal);
      await delivered(event.sequence);
    }
  }
}
