import { TemporarilyUnavailable } from '../protocol/unavailable.js';
import type { Append, BatchObserver, Mark, Write } from './durable-writer.js';

const MAX_WAITING = 50_000;
const CHECK_INTERVAL_MS = 250;

/** Age limits of a write; its caller is answered within three seconds. */
export interface WriteLimits {
  /** While waiting: the write is rejected and never runs. */
  waitingMs: number;
  /** While running: the write is rejected with an unknown outcome. */
  totalMs: number;
}

/** For an engine that bounds its writes itself. */
const UNLIMITED: WriteLimits = { waitingMs: Number.POSITIVE_INFINITY, totalMs: Number.POSITIVE_INFINITY };

export interface PendingWrite {
  write: Write;
  since: number;
  resolve: (applied: boolean) => void;
  reject: (error: unknown) => void;
}

export type PendingAppend = PendingWrite & { write: Append };
export type PendingMark = PendingWrite & { write: Mark };

export const isAppend = (pending: PendingWrite): pending is PendingAppend => 'into' in pending.write;

export const isMark = (pending: PendingWrite): pending is PendingMark => 'mark' in pending.write;

/**
 * Batches the writes of one event-loop tick, and those that arrive while a batch is flushed, into the next batch. The
 * engine decides what a batch is and how it commits.
 */
export class WriteQueue {
  protected waiting: PendingWrite[] = [];
  private busy = 0;
  private scheduled = false;
  private whenIdle: (() => void)[] = [];
  protected readonly underWay = new Set<PendingWrite[]>();
  private checks: NodeJS.Timeout | undefined;
  private observer: BatchObserver | undefined;

  constructor(
    private readonly lanes: number,
    /** How many of the waiting writes the next batch takes. */
    private readonly sizeOfBatch: (waiting: number) => number,
    private readonly commit: (batch: PendingWrite[]) => Promise<void>,
    private readonly limits = UNLIMITED,
  ) {}

  add(write: Write): Promise<boolean> {
    if (this.waiting.length >= MAX_WAITING) return Promise.reject(new TemporarilyUnavailable());
    return new Promise((resolve, reject) =>
      this.take([{ write, since: performance.now(), resolve, reject }]),
    );
  }

  /** Adds writes that another queue could not complete. */
  take(pending: readonly PendingWrite[]): void {
    this.waiting.push(...pending);
    this.checks ??= setInterval(() => setImmediate(() => this.refuseOverdue()), CHECK_INTERVAL_MS).unref();
    this.schedule();
  }

  /** Rejects every write, those under way with an unknown outcome. */
  rejectAll(error: unknown): void {
    for (const { reject } of [...this.waiting.splice(0), ...[...this.underWay].flat()]) reject(error);
  }

  get length(): number {
    return this.waiting.length;
  }

  observe(observer: BatchObserver): void {
    this.observer = observer;
  }

  async idle(): Promise<void> {
    if (this.busy === 0 && this.waiting.length === 0) return;
    await new Promise<void>((resolve) => this.whenIdle.push(resolve));
  }

  private schedule(): void {
    if (this.scheduled || this.busy === this.lanes) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      void this.flush();
    });
  }

  private async flush(): Promise<void> {
    const batch = this.next();
    if (batch.length > 0) {
      this.busy++;
      this.underWay.add(batch);
      // Another lane takes what this batch leaves, at once.
      if (this.waiting.length > 0) this.schedule();
      await this.run(batch);
      this.underWay.delete(batch);
      this.busy--;
      if (this.waiting.length > 0) this.schedule();
    }
    if (this.waiting.length === 0 && this.busy === 0)
      for (const resolve of this.whenIdle.splice(0)) resolve();
  }

  private async run(batch: PendingWrite[]): Promise<void> {
    const { observer } = this;
    const began = observer && performance.now();
    await this.commit(batch).catch((error) => {
      for (const pending of batch) pending.reject(error);
    });
    if (observer && began !== undefined) observer(batch.length, performance.now() - began);
  }

  protected next(): PendingWrite[] {
    return this.waiting.splice(0, this.sizeOfBatch(this.waiting.length));
  }

  /** Called after results that arrived during a pause of the process were read. */
  private refuseOverdue(): void {
    const now = performance.now();
    const isLate = ({ since }: PendingWrite) => now - since > this.limits.waitingMs;
    const late = this.waiting.filter(isLate);
    if (late.length > 0) this.waiting = this.waiting.filter((pending) => !isLate(pending));
    const overdue = [...this.underWay].flat().filter(({ since }) => now - since > this.limits.totalMs);
    for (const { reject } of [...late, ...overdue]) reject(new TemporarilyUnavailable());
    if (this.waiting.length > 0 || this.busy > 0) return;
    clearInterval(this.checks);
    this.checks = undefined;
    for (const resolve of this.whenIdle.splice(0)) resolve();
  }
}
