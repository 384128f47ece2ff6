import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { TemporarilyUnavailable } from '../../protocol/unavailable.js';
import type { Row } from '../batch-loader.js';
import type { Statement } from '../durable-writer.js';
import type { SearchEngine } from '../engine/search-engine.js';
import { MAX_SEARCH_MILLISECONDS, SearchTimeout } from '../search/search-timeout.js';
import { asStorageError } from '../storage-error.js';
import { INTERRUPTED } from './sqlite-fault.js';
import type { SearchOutcome, SearchThreadData } from './sqlite-search.worker.js';

const IDLE_MILLISECONDS = 60_000;
const MAX_CLOSE_MS = 2000;
/** A lane is free again before its caller gives up. */
const MAX_STATEMENT_MS = MAX_SEARCH_MILLISECONDS - 300;

interface Waiting {
  resolve: (rows: Row[]) => void;
  reject: (error: unknown) => void;
}

/**
 * Runs searches one after another in a separate thread: a search over millions of rows takes seconds, which must not
 * block the event loop. One that takes too long is interrupted. The thread starts with the first search and ends after a
 * period without one.
 */
export class SqliteSearch implements SearchEngine {
  private worker: Worker | undefined;
  private waiting: Waiting[] = [];
  private idle: NodeJS.Timeout | undefined;

  constructor(
    private readonly file: string,
    private readonly maxMilliseconds = MAX_STATEMENT_MS,
  ) {}

  run(statement: Statement): Promise<Row[]> {
    clearTimeout(this.idle);
    this.worker ??= this.open();
    const { worker } = this;
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      worker.postMessage(statement);
    });
  }

  async close(): Promise<void> {
    clearTimeout(this.idle);
    const { worker } = this;
    if (!worker) return;
    // A search that arrives now starts another thread.
    this.worker = undefined;
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    worker.postMessage('close');
    // A running search only reads, so a stopping process need not wait for it.
    await Promise.race([ended, sleep(MAX_CLOSE_MS, undefined, { ref: false })]);
  }

  private open(): Worker {
    const { file, maxMilliseconds } = this;
    const worker = new Worker(new URL('./sqlite-search.worker.js', import.meta.url), {
      workerData: { file, maxMilliseconds } satisfies SearchThreadData,
    });
    worker.on('message', (outcome: SearchOutcome) => this.answer(outcome));
    worker.on('error', (error) => this.fail(worker, error));
    worker.on('exit', () => this.fail(worker, new Error('the search thread has ended')));
    return worker;
  }

  private answer(outcome: SearchOutcome): void {
    const first = this.waiting.shift();
    if ('rows' in outcome) first?.resolve(outcome.rows);
    else if (outcome.code === INTERRUPTED) first?.reject(new SearchTimeout(outcome));
    else first?.reject(asStorageError(Object.assign(new Error(outcome.message), outcome)));
    if (this.waiting.length > 0) return;
    this.idle = setTimeout(() => void this.close(), IDLE_MILLISECONDS);
    this.idle.unref();
  }

  /** The next search starts another thread. */
  private fail(worker: Worker, cause: unknown): void {
    if (this.worker !== worker) return;
    this.worker = undefined;
    for (const { reject } of this.waiting.splice(0)) reject(new TemporarilyUnavailable(cause));
  }
}
