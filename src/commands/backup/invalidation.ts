import type { Run } from '../../database/engine/run.js';
import { OWNERS_VALID_AT, SESSION_WITH_OWNERS } from '../../sessions/session-row.js';

const KINDS = ['clients', 'resources', 'policies', 'signing_keys'] as const;

export type RevisionRow = Readonly<Record<(typeof KINDS)[number], number>>;

export async function revisionsOf(run: Run): Promise<RevisionRow> {
  const [row] = await run(`SELECT ${KINDS.join(', ')} FROM configuration_revision WHERE id = 1`, []);
  return Object.fromEntries(KINDS.map((kind) => [kind, Number(row?.[kind] ?? 0)])) as RevisionRow;
}

/**
 * Closes every session, as closing all sessions of each client does, and raises every revision above the replaced ones,
 * so that no cache of another process is taken for current. Resolves to how many sessions were active.
 */
export async function closeAllSessions(run: Run, replaced: RevisionRow, now: number): Promise<number> {
  const active = await activeSessions(run, now);
  const restored = await revisionsOf(run);
  const next = KINDS.map((kind) => Math.max(restored[kind], replaced[kind]) + 1);
  await run(
    `UPDATE configuration_revision SET ${KINDS.map((kind) => `${kind} = ?`).join(', ')} WHERE id = 1`,
    next,
  );
  // A session has the revision of its client's last closing, so this one is in none.
  await run('UPDATE client SET session_generation = ?', [next[0] ?? 1]);
  return active;
}

async function activeSessions(run: Run, now: number): Promise<number> {
  const [row] = await run(
    `SELECT COUNT(*) AS active FROM ${SESSION_WITH_OWNERS} WHERE ${OWNERS_VALID_AT} AND s.closed_at IS NULL
       AND (s.ends_at > ? OR (s.refresh_ends_at > ? AND s.refresh_used_at IS NULL))`,
    [now, now, now],
  );
  return Number(row?.active);
}
