import { setTimeout as sleep } from 'node:timers/promises';
import { TemporarilyUnavailable } from '../../../protocol/unavailable.js';
import type { Statement } from '../../durable-writer.js';
import {
  asStorageError,
  isConflict,
  isLockWait,
  isTimeout,
  reasonOfAbsence,
  STALLED_CODE,
} from '../../storage-error.js';
import type { PoolSize } from '../pool-size.js';
import type { WritePool } from './write-pool.js';

/** A write that takes longer starts a probe. */
const MAX_WRITE_MS = 750;
/** A probe that takes longer rejects every write until one completes. */
const MAX_PROBE_MS = 1750;
const PROBE_INTERVAL_MS = 250;
/**
 * MariaDB with a binary log keeps a commit waiting on a full disk, and every abandoned one occupies a connection of the
 * server until there is space. So probes are abandoned less and less often.
 */
const MIN_ATTEMPT_MS = 2000;
const MAX_ATTEMPT_MS = 300_000;

export interface ProbingWriter {
  /** The rows of a probe; undefined before they are known. */
  statements(): readonly Statement[] | undefined;
  /** Whether the heartbeat is answered; otherwise it rejects writes by itself, and reads as well. */
  isReachable(): boolean;
  /** Commits have stalled, also those under way. */
  stalled(failure: TemporarilyUnavailable): void;
}

/**
 * Rejects writes at once while a reachable database does not complete them: its disk is full, it is read-only, or its
 * commits stall. Probes until one commits. Each probe has a connection of its own, so reads are not affected.
 */
export class WriteBreaker {
  /** Why writes are rejected. */
  private failure: TemporarilyUnavailable | undefined;
  private probing = false;
  private stopped = false;

  constructor(
    private readonly open: (size: PoolSize) => WritePool,
    private readonly writer: ProbingWriter,
  ) {}

  get lastFailure(): unknown {
    return this.failure;
  }

  async guard<T>(write: () => Promise<T>): Promise<T> {
    if (this.failure) throw this.failure;
    const slow = setTimeout(() => this.startProbing(), MAX_WRITE_MS);
    try {
      return await write();
    } catch (error) {
      this.observe(asStorageError(error));
      throw error;
    } finally {
      clearTimeout(slow);
    }
  }

  /** A write has failed; a probe shows whether others would. */
  observe(error: unknown): void {
    if (rejectsWrites(error)) this.startProbing();
  }

  stop(): void {
    this.stopped = true;
  }

  private startProbing(): void {
    if (this.probing || this.stopped) return;
    this.probing = true;
    void this.probeUntilCommitted().finally(() => {
      this.failure = undefined;
      this.probing = false;
    });
  }

  private async probeUntilCommitted(): Promise<void> {
    let limitMs = MIN_ATTEMPT_MS;
    while (!this.stopped) {
      const began = performance.now();
      this.failure = await this.probe(limitMs);
      if (!this.failure) return;
      if (performance.now() - began >= limitMs) limitMs = Math.min(2 * limitMs, MAX_ATTEMPT_MS);
      await sleep(PROBE_INTERVAL_MS, undefined, { ref: false });
    }
  }

  /** Resolves to why writes are still rejected; any other error is the caller's own. */
  private async probe(limitMs: number): Promise<TemporarilyUnavailable | undefined> {
    const statements = this.writer.statements();
    if (!statements) return undefined;
    let isOver = false;
    // After pending input was read: a pause of this process is not one of the database.
    const late = setTimeout(() => setImmediate(() => isOver || this.stall()), MAX_PROBE_MS).unref();
    const pool = this.open({ connections: 1, lockWaitSeconds: 1, watching: { statementMs: limitMs } });
    try {
      await pool.apply(statements);
      return undefined;
    } catch (cause) {
      const error = asStorageError(cause);
      if (rejectsWrites(error)) return error;
      // Sessions are inserted at the end of the table: a stalled transaction locks it for all others.
      if (isLockWait(cause)) this.stall();
      return isTimeout(error) || isConflict(cause) ? this.failure : undefined;
    } finally {
      isOver = true;
      clearTimeout(late);
      void pool.close().catch(() => undefined);
    }
  }

  private stall(): void {
    if (this.failure || !this.writer.isReachable()) return;
    this.failure = new TemporarilyUnavailable(stalled());
    this.writer.stalled(this.failure);
  }
}

function rejectsWrites(error: unknown): error is TemporarilyUnavailable {
  const reason = reasonOfAbsence(error);
  return reason === 'full' || reason === 'readOnly';
}

const stalled = () =>
  Object.assign(new Error('the database does not complete writes'), { code: STALLED_CODE });
