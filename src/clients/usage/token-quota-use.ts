import type { Statement } from '../../database/durable-writer.js';
import type { TokenQuota } from '../client.js';

export const HOUR_MILLISECONDS = 60 * 60 * 1000;
export const DAY_MILLISECONDS = 24 * HOUR_MILLISECONDS;

/** Adds the row for a client's counts. */
export const addUse = (clientId: string): Statement => ({
  sql: `INSERT INTO token_quota_use (client_id, hour_start, hour_used, day_start, day_used) VALUES (?, 0, 0, 0, 0)`,
  values: [clientId],
});

export const SELECT_USE =
  'SELECT hour_start, hour_used, day_start, day_used FROM token_quota_use WHERE client_id = ?';

/**
 * Counts one token, unless the quota is used up. A stored window that is one ahead is kept: a process whose clock is
 * behind counts in the window of the others. One that is further ahead comes from a clock that had jumped, and is
 * replaced. Counts are assigned before starts because MySQL assigns from left to right.
 */
export function useOne(clientId: string, quota: TokenQuota, now: number): Statement {
  const hour = startOf(now, HOUR_MILLISECONDS);
  const day = startOf(now, DAY_MILLISECONDS);
  const hours = [hour, hour + HOUR_MILLISECONDS];
  const days = [day, day + DAY_MILLISECONDS];
  return {
    sql: `UPDATE token_quota_use SET
        hour_used = CASE WHEN hour_start BETWEEN ? AND ? THEN hour_used + 1 ELSE 1 END,
        hour_start = CASE WHEN hour_start BETWEEN ? AND ? THEN hour_start ELSE ? END,
        day_used = CASE WHEN day_start BETWEEN ? AND ? THEN day_used + 1 ELSE 1 END,
        day_start = CASE WHEN day_start BETWEEN ? AND ? THEN day_start ELSE ? END
      WHERE client_id = ? AND (hour_start NOT BETWEEN ? AND ? OR hour_used < ?)
        AND (day_start NOT BETWEEN ? AND ? OR day_used < ?)`,
    values: [
      ...[...hours, ...hours, hour, ...days, ...days, day, clientId],
      ...[...hours, enforced(quota, quota.perHour), ...days, enforced(quota, quota.perDay)],
    ],
  };
}

export const REMOVE_USE = 'DELETE FROM token_quota_use WHERE client_id = ?';

/** The start of the hour or day in UTC. */
export const startOf = (now: number, length: number): number => Math.floor(now / length) * length;

const enforced = ({ enforce }: TokenQuota, limit: number | undefined): number =>
  enforce && limit !== undefined ? limit : Number.MAX_SAFE_INTEGER;
