import { isConflict, isStorageError } from '../storage-error.js';
import { reopenSqlite, type SqliteConnection } from './sqlite.js';
import { SqliteFile } from './sqlite-file.js';

/** Retries often: a lock can be free for moments only. */
const MAX_RETRY_DELAY_MS = 2;

const never = new Int32Array(new SharedArrayBuffer(4));

/**
 * Transactions of the writer thread, on a connection that is discarded after the first one that did not end cleanly.
 */
export class SqliteTransactions {
  /** The error after which this connection must not be used. */
  failure: unknown;
  private readonly file: SqliteFile;
  private opened: SqliteConnection | undefined;

  constructor(private readonly path: string) {
    this.file = new SqliteFile(path);
  }

  get connection(): SqliteConnection {
    this.opened ??= this.open();
    return this.opened;
  }

  run<T>(waitMilliseconds: number, work: () => T): T {
    this.begin(waitMilliseconds);
    let result: T;
    try {
      result = work();
    } catch (error) {
      // If ROLLBACK fails, SQLite has either rolled back by itself or is still inside the transaction.
      this.orFail(() => this.connection.exec('ROLLBACK'), error);
      if (isStorageError(error)) this.failure ??= error;
      throw error;
    }
    this.orFail(() => this.connection.exec('COMMIT'));
    this.file.remember();
    return result;
  }

  close(): void {
    this.opened?.close();
  }

  private orFail(step: () => void, known?: unknown): void {
    try {
      step();
    } catch (error) {
      this.failure ??= known ?? error;
      throw known ?? error;
    }
  }

  /** Waits while another process writes. */
  private begin(waitMilliseconds: number): void {
    const until = performance.now() + waitMilliseconds;
    for (;;) {
      try {
        this.file.assertInPlace();
        this.connection.exec('BEGIN IMMEDIATE');
        return;
      } catch (error) {
        if (!isConflict(error)) {
          this.failure ??= error;
          throw error;
        }
        if (performance.now() > until) throw error;
        Atomics.wait(never, 0, 0, Math.random() * MAX_RETRY_DELAY_MS);
      }
    }
  }

  private open(): SqliteConnection {
    return reopenSqlite(this.path, 0);
  }
}
