import { existsSync } from 'node:fs';
import type { DataSource } from 'typeorm';
import { endProcess } from '../../runtime/end-process.js';
import type { SqliteConnection } from './sqlite.js';
import { moved, SqliteFile } from './sqlite-file.js';

const MAX_ROLLBACKS = 2;

interface Driver {
  databaseConnection: SqliteConnection;
  /** Counts the open transactions; recreated when there is none. */
  queryRunner: unknown;
}

/** TypeORM's single SQLite connection, which can be replaced. */
export class OrmSqlite {
  readonly file: SqliteFile;
  private isOpen = true;

  constructor(
    private readonly dataSource: DataSource,
    private readonly path: string,
  ) {
    this.file = new SqliteFile(path);
  }

  /** Opens a connection that could not be opened before. */
  async reopen(): Promise<void> {
    if (this.isOpen) return;
    // SQLite would create an empty database.
    if (!existsSync(this.path)) throw moved();
    await this.dataSource.driver.connect();
    this.isOpen = true;
  }

  /** Reopens the connection unless a transaction is open. */
  async restart(): Promise<void> {
    if (this.isOpen && !this.driver.databaseConnection.inTransaction) this.driver.queryRunner = undefined;
    else await this.replace();
  }

  /** If it cannot be opened now, the next call opens it. */
  async replace(): Promise<void> {
    if (this.isOpen) {
      this.isOpen = false;
      rollBack(this.driver.databaseConnection);
      await this.dataSource.driver.disconnect();
    }
    await this.reopen().catch(() => undefined);
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
