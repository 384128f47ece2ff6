import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { Heartbeat } from '../engine/heartbeat.js';
import { UnitOfWork } from '../unit-of-work.js';

/** The kinds of configuration that are cached, each with its own revision. */
export type ConfigurationKind = 'clients' | 'resources' | 'policies' | 'signing_keys';

export type Revisions = Readonly<Record<ConfigurationKind, number>>;

/** How long a process may serve what it has read; closing a client's sessions waits this long. */
const TRUSTED_MILLISECONDS = 300;

/**
 * A database host that took over may lack the latest changes of the one before it, and then gives their revisions to
 * others. The offset makes caches start anew.
 */
const REVISIONS_PER_HOST = 1e9;

/** Inside a change of this kind: its unique number, as SQL. */
export const numberOfChange = (kind: ConfigurationKind): string =>
  `(SELECT ${kind} FROM configuration_revision WHERE id = 1)`;

/**
 * Versions the configuration. A writer increments the revision in its own transaction; a reader that trusts its cache
 * knows that it is at most a second old. The incremented row also serialises configuration writes across processes,
 * so that a check inside a write still holds when it commits.
 */
@Injectable()
export class ConfigurationRevision {
  private known: { revisions: Revisions; trustedUntil: number } | undefined;
  private pendingRead: Promise<Revisions> | undefined;
  private askedNow: Promise<Revisions> | undefined;
  /** Counts the writes of this process: a read that began before a write is stale after it. */
  private writes = 0;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    @Optional() @Inject(Heartbeat) private readonly heartbeat?: Pick<Heartbeat, 'moves'>,
  ) {}

  /** Whether the caller may see uncommitted rows, which must not be cached. */
  get isWithinTransaction(): boolean {
    return this.unitOfWork.isOpen;
  }

  /** The revisions if they are known well enough not to be read again. */
  peek(): Revisions | undefined {
    return this.known && performance.now() < this.known.trustedUntil ? this.known.revisions : undefined;
  }

  /** The revisions, at most a second old; concurrent callers share one read. */
  async current(): Promise<Revisions> {
    const known = this.peek();
    if (known) return known;
    // A transaction reads its own uncommitted rows, which no other reader may see.
    if (this.isWithinTransaction) return this.readRevisions();
    this.pendingRead ??= this.read();
    return this.pendingRead;
  }

  /** The revisions as of this call; calls in one event-loop tick share a read. */
  now(): Promise<Revisions> {
    if (this.isWithinTransaction) return this.readRevisions();
    this.askedNow ??= nextTurn().then(() => {
      this.askedNow = undefined;
      return this.read();
    });
    return this.askedNow;
  }

  /**
   * Runs a configuration write: increments first, so that competing writes wait, then discards the cached revisions.
   * `maxMilliseconds`: on a server, if it may take longer than one write.
   */
  async change<T>(
    kinds: readonly ConfigurationKind[],
    work: () => Promise<T>,
    maxMilliseconds?: number,
  ): Promise<T> {
    const bump = kinds.map((kind) => `${kind} = ${kind} + 1`).join(', ');
    try {
      return await this.unitOfWork.transactionInTurn(async () => {
        await this.unitOfWork.query((manager) =>
          manager.query(`UPDATE configuration_revision SET ${bump} WHERE id = 1`),
        );
        return work();
      }, maxMilliseconds);
    } finally {
      this.writes++;
      this.known = undefined;
      this.pendingRead = undefined;
    }
  }

  /** After a change: resolves when no process serves the previous state. */
  async seenEverywhere(): Promise<void> {
    await sleep(TRUSTED_MILLISECONDS);
  }

  private async read(): Promise<Revisions> {
    const { writes } = this;
    const trustedUntil = performance.now() + TRUSTED_MILLISECONDS;
    try {
      const revisions = await this.readRevisions();
      // A read that began later may have finished earlier.
      const isLatest = trustedUntil >= (this.known?.trustedUntil ?? 0);
      if (writes === this.writes && isLatest) this.known = { revisions, trustedUntil };
      return revisions;
    } finally {
      if (writes === this.writes) this.pendingRead = undefined;
    }
  }

  private async readRevisions(): Promise<Revisions> {
    const offset = (this.heartbeat?.moves ?? 0) * REVISIONS_PER_HOST;
    const rows: Record<ConfigurationKind, unknown>[] = await this.unitOfWork.query((manager) =>
      manager.query(
        'SELECT clients, resources, policies, signing_keys FROM configuration_revision WHERE id = 1',
      ),
    );
    const row = rows[0];
    if (!row) throw new Error('the table configuration_revision has no row');
    return {
      clients: offset + Number(row.clients),
      resources: offset + Number(row.resources),
      policies: offset + Number(row.policies),
      signing_keys: offset + Number(row.signing_keys),
    };
  }
}
