import { Worker } from 'node:worker_threads';
import { addToGroup } from '../../protocol/groups.js';
import { TemporarilyUnavailable } from '../../protocol/unavailable.js';
import { endProcess } from '../../runtime/end-process.js';
import {
  type BatchObserver,
  DurableWriter,
  type InsertTarget,
  type MarkTarget,
  type Write,
} from '../durable-writer.js';
import { MAX_LOCK_WAIT_MS } from '../engine/lock-wait.js';
import { asStorageError, isConflict } from '../storage-error.js';
import {
  isAppend,
  isMark,
  type PendingAppend,
  type PendingMark,
  type PendingWrite,
  WriteQueue,
} from '../write-queue.js';
import { factoredRows } from './factored-rows.js';
import { DamageWatch } from './sqlite-damage.js';
import { moved, SqliteFile } from './sqlite-file.js';
import type { BatchAnswer, SqliteBatch, WriteOutcome } from './sqlite-writer.worker.js';

const MAX_WRITES_PER_BATCH = 512;

const PROBE_INTERVAL_MS = 250;

/** Allocates disk space and requires the tables, as issuing a token does. */
const PROBE: SqliteBatch = {
  appends: [],
  marks: [],
  others: [[{ sql: 'UPDATE configuration_revision SET id = id WHERE id = 1', values: [] }]],
  waitMilliseconds: 0,
};

const sizeOfBatch = (waiting: number): number => Math.min(waiting, MAX_WRITES_PER_BATCH);

/**
 * Commits in a separate thread, so that disk flushes never block the event loop. A thread whose connection failed is
 * replaced; until a transaction succeeds on the new one, every write fails at once.
 */
export class SqliteWriter extends DurableWriter {
  private readonly queue = new WriteQueue(1, sizeOfBatch, (batch) => this.commit(batch));
  private readonly opened: SqliteFile;
  private readonly damage: DamageWatch;
  private worker: Worker | undefined;
  private answer: ((answer: BatchAnswer) => void) | undefined;
  /** Why the last transaction failed. */
  private failure: unknown;
  private probe: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly file: string,
    end: (reason: string) => void = endProcess,
  ) {
    super();
    this.opened = new SqliteFile(file);
    this.damage = new DamageWatch(file, end);
  }

  /** Starts the thread once; not in the constructor, so that a failed start leaves no thread running. */
  override open(): void {
    this.running();
  }

  private running(): Worker {
    if (this.worker) return this.worker;
    const { file } = this;
    const worker = new Worker(new URL('./sqlite-writer.worker.js', import.meta.url), {
      workerData: { file },
    });
    worker.on('message', (answer: BatchAnswer) => this.answer?.(answer));
    worker.on('error', (error) => this.lose(worker, error));
    worker.on('exit', () => this.lose(worker, new Error('the writer thread has ended')));
    this.worker = worker;
    return worker;
  }

  override get lastFailure(): unknown {
    return this.failure;
  }

  get waiting(): number {
    return this.queue.length;
  }

  observe(observer: BatchObserver): void {
    this.queue.observe(observer);
  }

  write(write: Write): Promise<boolean> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return this.queue.add(write);
  }

  async close(): Promise<void> {
    await this.queue.idle();
    this.closed = true;
    clearTimeout(this.probe);
    const { worker } = this;
    if (!worker) return;
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    worker.postMessage('close');
    await ended;
  }

  private async commit(batch: PendingWrite[]): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    const { message, inOrder } = arrange(batch);
    const { outcomes, unusable } = await this.ask(message);
    if (unusable && outcomes === undefined) throw this.failure;
    inOrder.forEach((pending, position) => {
      const outcome = outcomes ? (outcomes[position] as WriteOutcome) : true;
      if (typeof outcome === 'boolean') pending.resolve(outcome);
      else pending.reject(asStorageError(Object.assign(new Error(outcome.message), outcome)));
    });
  }

  private async ask(batch: SqliteBatch): Promise<BatchAnswer> {
    const worker = this.running();
    const answer = await new Promise<BatchAnswer>((resolve) => {
      this.answer = resolve;
      worker.postMessage(batch);
    });
    this.answer = undefined;
    if (answer.unusable) this.replace(worker, answer);
    else this.succeeded();
    return answer;
  }

  private succeeded(): void {
    this.opened.remember();
    this.damage.isWhole();
  }

  private replace(worker: Worker, { unusable }: BatchAnswer): void {
    if (this.worker === worker) this.worker = undefined;
    worker.postMessage('discard');
    this.fails(Object.assign(new Error(unusable?.message), unusable));
  }

  private fails(error: Error): void {
    this.failure = new TemporarilyUnavailable(error);
    this.damage.observe(error, this.opened.replaced);
    if (!this.closed) this.probe = setTimeout(() => void this.tryAgain(), PROBE_INTERVAL_MS).unref();
  }

  private async tryAgain(): Promise<void> {
    // The other connections of this process still have the previous file open.
    if (this.opened.replaced) return this.fails(moved());
    const { unusable, outcomes } = await this.ask(PROBE);
    if (unusable) return;
    const [failed] = outcomes ?? [];
    // A lock held by another process is waited for as usual.
    if (failed === undefined || isConflict(failed)) this.failure = undefined;
    else this.fails(Object.assign(new Error('the database is empty'), failed));
  }

  private lose(worker: Worker, cause: unknown): void {
    if (this.worker !== worker || this.closed) return;
    const { code = '', message = '' } = cause as { code?: string; message?: string };
    this.worker = undefined;
    this.answer?.({ unusable: { code, message } });
  }
}

/** Groups a batch by table and by mark target; all other writes follow. */
function arrange(batch: readonly PendingWrite[]): { message: SqliteBatch; inOrder: PendingWrite[] } {
  const rows = new Map<InsertTarget, PendingAppend[]>();
  const marks = new Map<MarkTarget, PendingMark[]>();
  const others: PendingWrite[] = [];
  for (const pending of batch) {
    if (isAppend(pending)) addToGroup(rows, pending.write.into, pending);
    else if (isMark(pending)) addToGroup(marks, pending.write.mark, pending);
    else others.push(pending);
  }
  const waited = performance.now() - Math.min(...batch.map(({ since }) => since));
  const message = {
    waitMilliseconds: Math.max(0, MAX_LOCK_WAIT_MS - waited),
    appends: [...rows].map(([into, pending]) =>
      factoredRows(
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
  notes: factoredRows(
    noted,
    pending.map(({ write }) => write.note),
  ),
});
