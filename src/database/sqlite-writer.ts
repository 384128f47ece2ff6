import { Worker } from 'node:worker_threads';
import { addToGroup } from '../protocol/groups.js';
import { TemporarilyUnavailable } from '../protocol/unavailable.js';
import { alikeRows } from './alike-rows.js';
import { type AppendTarget, DurableWriter, type MarkTarget, type Write } from './durable-writer.js';
import type { SqliteBatch, WriteOutcome } from './sqlite-writer.worker.js';
import { asStorageError } from './storage-error.js';
import {
  isAppend,
  isMark,
  type PendingAppend,
  type PendingMark,
  type PendingWrite,
  WriteQueue,
} from './write-queue.js';

const MOST_WRITES_IN_A_BATCH = 512;

const sizeOfBatch = (waiting: number): number => Math.min(waiting, MOST_WRITES_IN_A_BATCH);

/** Commits in a thread of its own, so that waiting for the disk never holds up the event loop. */
export class SqliteWriter extends DurableWriter {
  private readonly queue = new WriteQueue(1, sizeOfBatch, (batch) => this.commit(batch));
  private worker: Worker | undefined;
  private stopped = false;
  private answer: ((outcomes: WriteOutcome[] | undefined) => void) | undefined;
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
    worker.on('message', (outcomes: WriteOutcome[] | undefined) => this.answer?.(outcomes));
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
    const { message, inOrder } = arrange(batch);
    const outcomes = await new Promise<WriteOutcome[] | undefined>((resolve, reject) => {
      this.answer = resolve;
      this.fail = reject;
      this.open().postMessage(message);
    });
    inOrder.forEach((pending, position) => {
      const outcome = outcomes ? (outcomes[position] as WriteOutcome) : true;
      if (typeof outcome === 'boolean') pending.resolve(outcome);
      else pending.reject(asStorageError(Object.assign(new Error(outcome.message), outcome)));
    });
  }

  private stop(cause: unknown): void {
    this.stopped = true;
    this.fail?.(new TemporarilyUnavailable(cause));
  }
}

/** Rows for one table travel under its name once, and marks of one target; what else there is comes after them. */
function arrange(batch: readonly PendingWrite[]): { message: SqliteBatch; inOrder: PendingWrite[] } {
  const rows = new Map<AppendTarget, PendingAppend[]>();
  const marks = new Map<MarkTarget, PendingMark[]>();
  const others: PendingWrite[] = [];
  for (const pending of batch) {
    if (isAppend(pending)) addToGroup(rows, pending.write.into, pending);
    else if (isMark(pending)) addToGroup(marks, pending.write.mark, pending);
    else others.push(pending);
  }
  const message = {
    appends: [...rows].map(([into, pending]) =>
      alikeRows(
        into,
        pending.map(({ write }) => write.row),
      ),
    ),
    marks: [...marks].map(([mark, pending]) => ({ mark, ...marksOf(mark, pending) })),
    others: others.map(({ write }) => ('statements' in write ? write.statements : [])),
  };
  const none: PendingWrite[] = [];
  return { message, inOrder: none.concat(...rows.values(), ...marks.values(), others) };
}

const marksOf = ({ noted }: MarkTarget, pending: readonly PendingMark[]) => ({
  values: pending.map(({ write }) => [write.value, ...write.keys]),
  notes: alikeRows(
    noted,
    pending.map(({ write }) => write.note),
  ),
});
