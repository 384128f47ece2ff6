import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Log } from '../config/log.js';
import { sharedMilliseconds } from '../runtime/clock.js';
import type { AuditAction, AuditEntry } from './audit-event.js';
import { AuditTrail } from './audit-trail.js';
import { RefusalCount } from './refusal-count.js';

const FLUSH_INTERVAL_MS = 1000;

/** One refusal. */
export interface Refusal {
  action: AuditAction;
  /** The error code. */
  reason: string;
  /** The presented client id, whether or not such a client exists. */
  presented?: string;
  clientId?: string;
  sessionId?: string;
  address: string;
  /** Addresses of this network share a budget of rows; for IPv6 a prefix. */
  network: string;
  /** Whether the caller authenticated; others cannot use up its budget. */
  authenticated: boolean;
  /** Whether the presented id belongs to a client; invented ids cannot use up its budget. */
  registered: boolean;
  /** Recorded for the first of several alike. */
  detail?: Readonly<Record<string, unknown>> & {
    /** The cause, a fixed text of this server: refusals with different causes are counted apart. */
    explanation?: string;
  };
}

/**
 * Audits and logs refusals: the first at once, repeated ones counted and emitted once a minute. Known clients,
 * guesses at registered ids and all others have separate budgets of rows.
 */
@Injectable()
export class Refusals implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly ofClients = new RefusalCount((entry) => this.emit(entry, true), summaryOfClient);
  private readonly ofRegisteredIds = new RefusalCount((entry) => this.emit(entry, true), summaryOfClient);
  private readonly ofUnknownCallers = new RefusalCount((entry) => this.emit(entry, false), summaryOfAddress);
  private readonly counts = [this.ofClients, this.ofRegisteredIds, this.ofUnknownCallers];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly trail: AuditTrail,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.flush(), FLUSH_INTERVAL_MS);
    this.timer.unref();
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.timer);
    for (const count of this.counts) count.close(sharedMilliseconds());
  }

  note(refusal: Refusal): void {
    const { action, reason, presented = '', clientId, address, network, detail } = refusal;
    const pair = [action, reason, detail?.explanation ?? '', clientId ?? presented, address].join('\n');
    const [count, group] = this.countOf(refusal);
    count.add(pair, group ?? network, entryOf(refusal), sharedMilliseconds());
  }

  private countOf({ authenticated, registered, clientId }: Refusal): [RefusalCount, string | undefined] {
    if (authenticated) return [this.ofClients, clientId];
    return registered ? [this.ofRegisteredIds, clientId] : [this.ofUnknownCallers, undefined];
  }

  /** An unverified id is recorded in the audit but not repeated in the log. */
  private emit(entry: AuditEntry, ofClient: boolean): void {
    this.trail.note(entry);
    const { action, clientId, agent, detail = {} } = entry;
    const { reason, explanation, count } = detail;
    const client = ofClient ? { client: clientId } : {};
    const fields = { event: action, ...client, address: agent?.address, reason, explanation, count };
    this.log.info(fields, 'request rejected');
  }

  private flush(): void {
    for (const count of this.counts) count.flush(sharedMilliseconds());
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
  detail: { reason: 'further refusals for this client, counted together' },
});

const summaryOfAddress = ({ action, agent }: AuditEntry): AuditEntry => ({
  action,
  outcome: 'failure',
  ...(agent?.address === undefined ? {} : { agent: { address: agent.address } }),
  detail: { reason: 'further refusals for this address, counted together' },
});
