import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Log } from '../config/log.js';
import { sharedMilliseconds } from '../runtime/clock.js';
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
  /** What shares a budget of rows with this address: of IPv6 a network. */
  network: string;
  /** Whether the caller proved who it is: no other can take its place in the count. */
  authenticated: boolean;
  /** Whether the presented id belongs to a client: invented ones cannot take its place in the count. */
  registered: boolean;
  /** Told of the first of several alike. */
  detail?: Readonly<Record<string, unknown>>;
}

/**
 * Audits what was refused, and logs it: the first at once, those alike counted and told once a minute. Known clients,
 * guesses at registered ids and the rest have budgets of rows of their own.
 */
@Injectable()
export class Refusals implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly ofClients = new RefusalCount((entry) => this.tell(entry, true), summaryOfClient);
  private readonly ofRegisteredIds = new RefusalCount((entry) => this.tell(entry, true), summaryOfClient);
  private readonly ofStrangers = new RefusalCount((entry) => this.tell(entry, false), summaryOfAddress);
  private readonly counts = [this.ofClients, this.ofRegisteredIds, this.ofStrangers];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly trail: AuditTrail,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.look(), BETWEEN_LOOKS_MILLISECONDS);
    this.timer.unref();
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.timer);
    for (const count of this.counts) count.close(sharedMilliseconds());
  }

  note(refusal: Refusal): void {
    const { action, reason, presented = '', clientId, address, network } = refusal;
    const pair = [action, reason, clientId ?? presented, address].join('\n');
    const [count, group] = this.countOf(refusal);
    count.add(pair, group ?? network, entryOf(refusal), sharedMilliseconds());
  }

  private countOf({ authenticated, registered, clientId }: Refusal): [RefusalCount, string | undefined] {
    if (authenticated) return [this.ofClients, clientId];
    return registered ? [this.ofRegisteredIds, clientId] : [this.ofStrangers, undefined];
  }

  /** What a stranger writes in an id's place is kept in the audit, and not repeated in the log. */
  private tell(entry: AuditEntry, ofClient: boolean): void {
    this.trail.note(entry);
    const { action, clientId, agent, detail = {} } = entry;
    const { reason, explanation, count } = detail;
    const client = ofClient ? { client: clientId } : {};
    const fields = { event: action, ...client, address: agent?.address, reason, explanation, count };
    this.log.info(fields, 'request refused');
  }

  private look(): void {
    for (const count of this.counts) count.look(sharedMilliseconds());
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

const summaryOfClient = ({ action, clientId }: AuditEntry): AuditEntry => ({
  action,
  outcome: 'failure',
  ...(clientId === undefined ? {} : { clientId }),
  detail: { reason: 'more of this client' },
});

const summaryOfAddress = ({ action, agent }: AuditEntry): AuditEntry => ({
  action,
  outcome: 'failure',
  ...(agent?.address === undefined ? {} : { agent: { address: agent.address } }),
  detail: { reason: 'more of this address' },
});
