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
  private readonly worker: Worker;
  private stopped = false;
  private answer: ((outcomes: WriteOutcome[]) => void) | undefined;
  private fail: ((error: unknown) => void) | undefined;

  constructor(file: string) {
    super();
    this.worker = new Worker(new URL('./sqlite-writer.worker.js', import.meta.url), { workerData: { file } });
    this.worker.on('message', (outcomes: WriteOutcome[]) => this.answer?.(outcomes));
    this.worker.on('error', (error) => this.stop(error));
    this.worker.on('exit', () => this.stop(new Error('the writer thread has ended')));
  }

  write(write: Write): Promise<boolean> {
    return this.queue.add(write);
  }

  async close(): Promise<void> {
    await this.queue.idle();
    if (this.stopped) return;
    const ended = new Promise((resolve) => this.worker.once('exit', resolve));
    this.worker.postMessage('close');
    await ended;
  }

  private async commit(batch: PendingWrite[]): Promise<void> {
    if (this.stopped) throw new TemporarilyUnavailable(new Error('the writer thread has ended'));
    const outcomes = await new Promise<WriteOutcome[]>((resolve, reject) => {
      this.answer = resolve;
      this.fail = reject;
      this.worker.postMessage(batch.map(({ write }) => statementsOf(write)));
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
