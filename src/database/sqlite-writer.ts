import { Worker } from 'node:worker_threads';
import { TemporarilyUnavailable } from '../protocol/unavailable.js';
import { appendStatement, DurableWriter, type Statement, type Write } from './durable-writer.js';
import type { WriteOutcome } from './sqlite-writer.worker.js';
import { asStorageError } from './storage-error.js';
import { type PendingWrite, WriteQueue } from './write-queue.js';

const MOST_WRITES_IN_A_BATCH = 512;

/** Commits in a thread of its own, so that waiting for the disk never holds up the event loop. */
export class SqliteWriter extends DurableWriter {
  private readonly queue = new WriteQueue(1, MOST_WRITES_IN_A_BATCH, (batch) => this.commit(batch));
  private worker: Worker | undefined;
  private stopped = false;
  private answer: ((outcomes: WriteOutcome[]) => void) | undefined;
  private fail: ((error: unknown) => void) | undefined;

  constructor(private readonly file: string) {
    super();
  }

  /** Begins the thread once: not in the constructor, because a start that fails must not end in a thread's beginning. */
  open(): Worker {
    if (this.worker) return this.worker;
    const { file } = this;
    const worker = new Worker(new URL('./sqlite-writer.worker.js', import.meta.url), {
      workerData: { file },
    });
    worker.on('message', (outcomes: WriteOutcome[]) => this.answer?.(outcomes));
    worker.on('error', (error) => this.stop(error));
    worker.on('exit', () => this.stop(new Error('the writer thread has ended')));
    this.worker = worker;
    return worker;
  }

  write(write: Write): Promise<boolean> {
    return this.queue.add(write);
  }

  async close(): Promise<void> {
    await this.queue.idle();
    const { worker } = this;
    if (this.stopped || !worker) return;
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    worker.postMessage('close');
    await ended;
  }

  private async commit(batch: PendingWrite[]): Promise<void> {
    if (this.stopped) throw new TemporarilyUnavailable(new Error('the writer thread has ended'));
    const outcomes = await new Promise<WriteOutcome[]>((resolve, reject) => {
      this.answer = resolve;
      this.fail = reject;
      this.open().postMessage(batch.map(({ write }) => statementsOf(write)));
    });
    batch.forEach((pending, position) => {
      const outcome = outcomes[position] as WriteOutcome;
      if ('applied' in outcome) pending.resolve(outcome.applied);
      else pending.reject(asStorageError(Object.assign(new Error(outcome.error.message), outcome.error)));
    });
  }

  private stop(cause: unknown): void {
    this.stopped = true;
    this.fail?.(new TemporarilyUnavailable(cause));
  }
}

const statementsOf = (write: Write): readonly Statement[] =>
  'into' in write ? [appendStatement(write.into, [write.row])] : write.statements;
