import { openRows } from './rows.js';
import type { TestServer } from './server.js';

type Place = Pick<TestServer, 'databaseUrl' | 'dataDir'>;

const COLUMNS = `SELECT table_name AS t, column_name AS c, ordinal_position AS place, column_type AS type,
  collation_name AS collation, is_nullable AS nullable, column_default AS usual, column_key AS keyed
  FROM information_schema.columns WHERE table_schema = DATABASE() ORDER BY 1, 3`;
const INDICES = `SELECT table_name AS t, index_name AS i, seq_in_index AS place, column_name AS c, non_unique AS u
  FROM information_schema.statistics WHERE table_schema = DATABASE() ORDER BY 1, 2, 3`;
const SQLITE = 'SELECT name, sql FROM sqlite_master ORDER BY name';
const SEEDS = ['SELECT id FROM resource ORDER BY id', 'SELECT name FROM migration ORDER BY id'];
const CHAIN = ['SELECT id FROM audit_head', 'SELECT id FROM audit_anchor', 'SELECT id FROM audit_scan'];

/** The schema, and the rows that the migrations put into it. */
export async function shapeOf(server: Place): Promise<unknown[]> {
  const rows = await openRows(server);
  try {
    const found = [];
    const schema = server.databaseUrl ? [COLUMNS, INDICES] : [SQLITE];
    for (const sql of [...schema, ...SEEDS, ...CHAIN]) found.push(await rows.all(sql));
    return found;
  } finally {
    await rows.close();
  }
}
