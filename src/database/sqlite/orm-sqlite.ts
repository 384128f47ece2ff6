import { existsSync } from 'node:fs';
import type { DataSource } from 'typeorm';
import { endProcess } from '../../runtime/end-process.js';
import type { SqliteConnection } from './sqlite.js';
import { moved, SqliteFile } from './sqlite-file.js';

const MAX_ROLLBACKS = 2;

interface Driver {
  databaseConnection: SqliteConnection;
  /** Counts the transactions that are open; made anew when there is none. */
  queryRunner: unknown;
}

/** The one SQLite connection of TypeORM, which can be replaced. */
export class OrmSqlite {
  readonly file: SqliteFile;
  private isOpen = true;

  constructor(
    private readonly dataSource: DataSource,
    private readonly path: string,
  ) {
    this.file = new SqliteFile(path);
  }

  /** Opens what could not be opened before. */
  async reopen(): Promise<void> {
    if (this.isOpen) return;
    // SQLite would create an empty database.
    if (!existsSync(this.path)) throw moved();
    await this.dataSource.driver.connect();
    this.isOpen = true;
  }

  /** Keeps the connection unless a transaction is open. */
  async restart(): Promise<void> {
    if (this.isOpen && !this.driver.databaseConnection.inTransaction) this.driver.queryRunner = undefined;
    else await this.replace();
  }

  /** What cannot be opened now is opened by the next call. */
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

/** Before closing: a closed connection keeps its locks for as long as one of its statements is in memory. */
function rollBack(connection: SqliteConnection): void {
  for (let tries = 0; connection.inTransaction && tries < MAX_ROLLBACKS; tries++) {
    try {
      connection.exec('ROLLBACK');
    } catch {
      // Asked again below.
    }
  }
  if (connection.inTransaction) endProcess('a transaction can neither be committed nor rolled back');
}
