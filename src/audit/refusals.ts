import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { sharedMilliseconds } from '../crypto/clock.js';
import type { AuditAction, AuditEntry } from './audit-event.js';
import { AuditTrail } from './audit-trail.js';
import { RefusalCount } from './refusal-count.js';

const BETWEEN_LOOKS_MILLISECONDS = 1000;

/** One refusal. */
export interface Refusal {
  action: AuditAction;
  /** The code of the error. */
  reason: string;
  /** The client id that was presented, whether there is such a client or not. */
  presented?: string;
  clientId?: string;
  sessionId?: string;
  address: string;
  /** Whether the caller proved who it is: nobody else can take its place in the count. */
  authenticated: boolean;
  /** Told of the first of several alike. */
  detail?: Readonly<Record<string, unknown>>;
}

/** Audits what was refused: the first at once, those alike counted and told once a minute, strangers within a bound. */
@Injectable()
export class Refusals implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly ofClients = new RefusalCount((entry) => this.trail.note(entry));
  private readonly ofStrangers = new RefusalCount((entry) => this.trail.note(entry));
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly trail: AuditTrail) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.look(), BETWEEN_LOOKS_MILLISECONDS);
    this.timer.unref();
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.timer);
    for (const count of [this.ofClients, this.ofStrangers]) count.close(sharedMilliseconds());
  }

  note(refusal: Refusal): void {
    const { action, reason, presented = '', address, authenticated } = refusal;
    const pair = [action, reason, refusal.clientId ?? presented, address].join('\n');
    const count = authenticated ? this.ofClients : this.ofStrangers;
    count.add(pair, entryOf(refusal), sharedMilliseconds());
  }

  private look(): void {
    for (const count of [this.ofClients, this.ofStrangers]) count.look(sharedMilliseconds());
  }
}

const entryOf = ({
  action,
  reason,
  presented,
  clientId,
  sessionId,
  address,
  authenticated,
  detail,
}: Refusal): AuditEntry => ({
  action,
  outcome: 'failure',
  ...(clientId === undefined ? {} : { clientId }),
  agent: {
    address,
    ...(authenticated && clientId !== undefined ? { clientId } : {}),
    ...(sessionId === undefined ? {} : { sessionId }),
  },
  detail: { reason, ...(presented === undefined ? {} : { presented }), ...detail },
});
