import type { Connection } from '../../database/command/isolated.js';
import type { Run } from '../../database/engine/run.js';
import { TABLES } from '../../database/schema/tables.js';

const MAX_LISTED_CHANGES = 100;

/** Whether a database has no more than what migrations insert. */
export async function isUnused({ run, quoted, hasTable }: Connection): Promise<boolean> {
  for (const { name } of TABLES.filter(({ seeded }) => !seeded)) {
    if (!(await hasTable(name))) continue;
    if ((await run(`SELECT 1 AS used FROM ${quoted(name)} LIMIT 1`, [])).length > 0) return false;
  }
  return true;
}

/** What a database contains that a backup of an earlier time does not. */
export interface Loss {
  documents: number;
  sessions: number;
  auditEvents: number;
  /** Changes of the configuration, as `action target`, the oldest first. */
  changes: string[];
  /** When the last of its JWTs expires. */
  lastJwtEndsAt: number;
  /** The end of its audit chain, `sequence:hash`. */
  head: string;
}

export async function lossOf(run: Run, since: number): Promise<Loss> {
  const count = (table: string, column: string) => countOf(run, `${table} WHERE ${column} > ?`, since);
  const documents = ['client', 'resource', 'policy'].map((table) => count(table, 'updated_at'));
  return {
    documents: (await Promise.all(documents)).reduce((sum, one) => sum + one),
    sessions: await count('session', 'started_at'),
    auditEvents: await count('audit_event', 'occurred_at'),
    changes: await changesOf(run, since),
    lastJwtEndsAt: await lastJwtEndsAt(run),
    head: await chainEnd(run),
  };
}

/** The end of the audit chain as `npm run audit:check` takes it. */
export async function chainEnd(run: Run): Promise<string> {
  const [row] = await run('SELECT sequence, hash FROM audit_head WHERE id = 1', []);
  return `${row?.sequence}:${row?.hash}`;
}

export async function lastJwtEndsAt(run: Run): Promise<number> {
  const [row] = await run("SELECT MAX(ends_at) AS last_end FROM session WHERE token_format = 'jwt'", []);
  return Number(row?.last_end ?? 0);
}

async function countOf(run: Run, from: string, value: number): Promise<number> {
  const [row] = await run(`SELECT COUNT(*) AS counted FROM ${from}`, [value]);
  return Number(row?.counted);
}

async function changesOf(run: Run, since: number): Promise<string[]> {
  const kinds = ['client', 'resource', 'policy', 'signing-key'];
  const rows = await run(
    `SELECT action, target_id FROM audit_event
     WHERE occurred_at > ? AND (${kinds.map(() => 'action LIKE ?').join(' OR ')})
     ORDER BY sequence LIMIT ${MAX_LISTED_CHANGES}`,
    [since, ...kinds.map((kind) => `${kind}.%`)],
  );
  return [...new Set(rows.map(({ action, target_id }) => `${action} ${target_id}`))];
}
