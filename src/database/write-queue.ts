import { TemporarilyUnavailable } from '../protocol/unavailable.js';
import type { Append, Mark, Write } from './durable-writer.js';

const MOST_WAITING = 50_000;

export interface PendingWrite {
  write: Write;
  /** When it was asked for, on the monotonic clock. */
  since: number;
  resolve: (applied: boolean) => void;
  reject: (error: unknown) => void;
}

export type PendingAppend = PendingWrite & { write: Append };
export type PendingMark = PendingWrite & { write: Mark };

export const isAppend = (pending: PendingWrite): pending is PendingAppend => 'into' in pending.write;

export const isMark = (pending: PendingWrite): pending is PendingMark => 'mark' in pending.write;

/**
 * Gathers the writes of one turn of the event loop, and those that come while a batch is being flushed, into the
 * next batch. What a batch is, and how it is committed, is left to the engine.
 */
export class WriteQueue {
  private waiting: PendingWrite[] = [];
  private busy = 0;
  private scheduled = false;
  private whenIdle: (() => void)[] = [];

  constructor(
    private readonly lanes: number,
    /** How many of the writes that wait the next batch takes. */
    private readonly sizeOfBatch: (waiting: number) => number,
    private readonly commit: (batch: PendingWrite[]) => Promise<void>,
  ) {}

  add(write: Write): Promise<boolean> {
    if (this.waiting.length >= MOST_WAITING) return Promise.reject(new TemporarilyUnavailable());
    return new Promise((resolve, reject) => {
      this.waiting.push({ write, since: performance.now(), resolve, reject });
      this.schedule();
    });
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
    const batch = this.waiting.splice(0, this.sizeOfBatch(this.waiting.length));
    if (batch.length > 0) {
      this.busy++;
      // What this batch leaves is another lane's at once.
      if (this.waiting.length > 0) this.schedule();
      await this.commit(batch).catch((error) => {
        for (const pending of batch) pending.reject(error);
      });
      this.busy--;
    }
    if (this.waiting.length > 0) this.schedule();
    else if (this.busy === 0) for (const resolve of this.whenIdle.splice(0)) resolve();
  }
}
