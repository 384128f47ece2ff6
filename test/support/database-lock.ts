import { join } from 'node:path';
import Database from 'libsql';
import type { TestServer } from './server.js';

/** Longer than any transaction of a working server, which may be writing at the moment. */
const PATIENCE_MS = 10_000;

/** Locks the database file of a server as another writing process would. Returns a function that unlocks it. */
export function lockDatabase({ dataDir }: Pick<TestServer, 'dataDir'>): () => void {
  const other = new Database(join(dataDir, 'latchkey.sqlite'), { timeout: PATIENCE_MS });
  other.exec('BEGIN IMMEDIATE');
  return () => {
    other.exec('ROLLBACK');
    other.close();
  };
}
