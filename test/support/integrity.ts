import { TABLES } from '../../src/database/schema/tables.js';
import { engine } from './database.js';
import { openRows } from './rows.js';
import type { TestServer } from './server.js';

/** PostgreSQL checks its indexes against their tables. */
const CHECK_INDEXES = `SELECT bt_index_check(i.indexrelid, true) AS checked FROM pg_index i
  JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_am a ON a.oid = c.relam WHERE n.nspname = current_schema() AND a.amname = 'btree'`;

/** The findings of the database's own integrity check; empty if there are none. */
export async function corruptionIn(server: Pick<TestServer, 'databaseUrl' | 'dataDir'>): Promise<unknown[]> {
  const rows = await openRows(server);
  try {
    if (engine === 'sqlite') {
      const found = await rows.all('PRAGMA integrity_check');
      return found.filter(({ integrity_check }) => integrity_check !== 'ok');
    }
    if (engine === 'mysql') {
      const found = await rows.all(`CHECK TABLE ${TABLES.map(({ name }) => name).join(', ')} EXTENDED`);
      return found.filter(({ Msg_text }) => Msg_text !== 'OK');
    }
    await rows.all('CREATE EXTENSION IF NOT EXISTS amcheck');
    await rows.all(CHECK_INDEXES);
    return [];
  } finally {
    await rows.close();
  }
}
