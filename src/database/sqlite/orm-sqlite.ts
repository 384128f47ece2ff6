import { existsSync } from 'node:fs';
import type { DataSource, QueryRunner } from 'typeorm';
import { TemporarilyUnavailable } from '../../protocol/unavailable.js';
import { endProcess } from '../../runtime/end-process.js';
import type { OrmGuard } from '../engine/orm-guard.js';
import { isConflict, isStorageError } from '../storage-error.js';
import { cannotOpen, type SqliteConnection } from './sqlite.js';
import { moved, SqliteFile } from './sqlite-file.js';

const MAX_ROLLBACKS = 2;

/**
 * libsql frees the memory of a closed connection at the next garbage collection, so replacements are rate-limited.
 */
const REPLACE_DELAY_MS = 500;
const RETRY_DELAY_MS = 10;

interface Driver {
  databaseConnection: SqliteConnection;
  /** Counts the open transactions; recreated when there is none. */
  queryRunner: unknown;
}

/** TypeORM's single SQLite connection, which can be replaced. */
export class OrmSqlite implements OrmGuard {
  readonly serializes = true;
  /** Another process just holds the one lock, so only the time limits the attempts. */
  readonly maxAttempts = Number.POSITIVE_INFINITY;
  private readonly file: SqliteFile;
  private isOpen = true;
  private failures = 0;
  private lastFailure: { error: unknown; at: number } | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly path: string,
  ) {
    this.file = new SqliteFile(path);
  }

  maxRetryDelayMs(): number {
    return RETRY_DELAY_MS;
  }

  /** Opens a connection that could not be opened before. */
  async beforeQuery(): Promise<void> {
    if (this.isOpen) return;
    // SQLite would create an empty database.
    if (!existsSync(this.path)) throw moved();
    await this.dataSource.driver.connect().catch((error) => {
      throw cannotOpen(error);
    });
    this.isOpen = true;
  }

  /** Pages cached by SQLite can be wrong after its file was unavailable. */
  async queryFailed(error: unknown): Promise<void> {
    if (isStorageError(error)) await this.replace();
  }

  async beforeTransaction(): Promise<void> {
    this.assertUsable();
    await this.beforeQuery();
    this.file.assertInPlace();
  }

  committed(): void {
    this.failures = 0;
  }

  afterTransaction(): void {
    this.file.remember();
  }

  async discard(_runner: QueryRunner, error: unknown): Promise<void> {
    // Another process holds the database; the transaction has not begun.
    if (isConflict(error)) await this.restart();
    else {
      this.failures++;
      this.lastFailure = { error, at: performance.now() };
      await this.replace();
    }
  }

  /** Statements of this process are not interrupted. */
  cut(): void {}

  private assertUsable(): void {
    if (!this.lastFailure || this.failures < 2) return;
    if (performance.now() - this.lastFailure.at < REPLACE_DELAY_MS) {
      throw new TemporarilyUnavailable(this.lastFailure.error);
    }
  }

  /** Reopens the connection unless a transaction is open. */
  private async restart(): Promise<void> {
    if (this.isOpen && !this.driver.databaseConnection.inTransaction) this.driver.queryRunner = undefined;
    else await this.replace();
  }

  /** If it cannot be opened now, the next call opens it. */
  private async replace(): Promise<void> {
    if (this.isOpen) {
      this.isOpen = false;
      rollBack(this.driver.databaseConnection);
      await this.dataSource.driver.disconnect();
    }
    await this.beforeQuery().catch(() => undefined);
  }

  private get driver(): Driver {
    return this.dataSource.driver as unknown as Driver;
  }
}

/** Before closing: a closed connection keeps its locks as long as one of its statements is in memory. */
function rollBack(connection: SqliteConnection): void {
  for (let tries = 0; connection.inTransaction && tries < MAX_ROLLBACKS; tries++) {
    try {
      connection.exec('ROLLBACK');
    } catch {
      // Checked again below.
    }
  }
  if (connection.inTransaction) endProcess('a transaction can neither be committed nor rolled back');
}
