import { LIBRARY } from '../support/library.js';
import { openRows, type Rows } from '../support/rows.js';
import type { TestServer } from '../support/server.js';

const HOUR_MS = 3_600_000;

export const bulkName = (n: number): string => `bulk-${10_000 + n}`;

/** `count` rows `n`, from 0. */
const numbers = (count: number) => `(
  WITH RECURSIVE number(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n < ${count - 1})
  SELECT n FROM number)`;

async function withRows(server: TestServer, work: (rows: Rows) => Promise<unknown>): Promise<void> {
  const rows = await openRows(server);
  try {
    await work(rows);
  } finally {
    await rows.close();
  }
}

interface Copies {
  count: number;
  /** SQL of the client's number, over `n`. */
  client: string;
  /** For how many different items they are. */
  items: number;
  /** The hour in which they started; each call has another one. */
  hoursAgo: number;
}

/** Copies a session of the library's audience, on SQLite. */
export function copySessions(server: TestServer, { count, client, items, hoursAgo }: Copies): Promise<void> {
  const hex = `printf('%012x', ${Date.now() - hoursAgo * HOUR_MS} + n * ${HOUR_MS} / ${count})`;
  const values: Record<string, string> = {
    id: `SUBSTR(${hex}, 1, 8) || '-' || SUBSTR(${hex}, 9) || printf('-7000-8000-%012x', n)`,
    client_id: `'bulk-' || (10000 + ${client})`,
    token_digest: `printf('${hoursAgo}-%060x', n)`,
    scope: `printf('book:%d:read book:%d:write', n % ${items}, n % ${items})`,
  };
  return withRows(server, async (rows) => {
    const columns = (await rows.all('PRAGMA table_info(session)')).map(({ name }) => String(name));
    await rows.all(
      `INSERT INTO session (${columns}) SELECT ${columns.map((column) => values[column] ?? `s.${column}`)}
       FROM (SELECT * FROM session WHERE audience LIKE '%${LIBRARY}%' LIMIT 1) s, ${numbers(count)}`,
    );
    // They count as audited, so that their events are not written meanwhile.
    await rows.all('UPDATE audit_scan SET session_id = (SELECT MAX(id) FROM session) WHERE id = 1');
  });
}

/** Uses of items that were watched since long ago: as many as a client may have, of each of the first clients. */
export function insertScopeUses(server: TestServer, clients: number, ofEach: number): Promise<void> {
  return withRows(server, async (rows) => {
    await rows.all('UPDATE scope_use_watch SET started_at = 1');
    await rows.all(
      `INSERT INTO scope_use (id, client_id, resource, identifier, operation, folded, first_used_at, last_used_at,
         verified, introspected)
       SELECT printf('%064x', n), 'bulk-' || (10000 + n % ${clients}), 'book', n / ${clients}, 'read', 0, ${Date.now()},
         ${Date.now()}, 1, 0
       FROM ${numbers(clients * ofEach)}`,
    );
  });
}
