import { join } from 'node:path';
import Database from 'libsql';
import type { TestServer } from './server.js';

/** Longer than any transaction of a server that does not hang: the server may be writing just now. */
const PATIENCE_MS = 10_000;

/** Locks the database file of a server, as another process that writes does; the result ends that. */
export function lockDatabase({ dataDir }: Pick<TestServer, 'dataDir'>): () => void {
  const other = new Database(join(dataDir, 'latchkey.sqlite'), { timeout: PATIENCE_MS });
  other.exec('BEGIN IMMEDIATE');
  return () => {
    other.exec('ROLLBACK');
    other.close();
  };
}
