import type { TokenQuota } from '../clients/client.js';
import type { Statement } from '../database/durable-writer.js';
import type { Row } from '../database/row-reader.js';
import { TooManyRequests } from '../protocol/too-many-requests.js';

const HOUR_MILLISECONDS = 60 * 60 * 1000;
const DAY_MILLISECONDS = 24 * HOUR_MILLISECONDS;

/** One window of a quota, in the terms of Auth0. */
export interface Bucket {
  name: 'per_hour' | 'per_day';
  quota: number;
  used: number;
  /** Epoch milliseconds. */
  startsAt: number;
  endsAt: number;
}

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

/** The windows that a quota limits, with their use. */
export function bucketsOf(quota: TokenQuota, use: Row | undefined, now: number): Bucket[] {
  return [
    bucket('per_hour', quota.perHour, HOUR_MILLISECONDS, now, [use?.hour_start, use?.hour_used]),
    bucket('per_day', quota.perDay, DAY_MILLISECONDS, now, [use?.day_start, use?.day_used]),
  ].filter((one) => one !== undefined);
}

/** The header of Auth0: quota, remaining tokens and seconds to the end of each window. */
export function quotaHeader(buckets: readonly Bucket[], now: number): string {
  return buckets
    .map((one) => `b=${one.name};q=${one.quota};r=${remaining(one)};t=${secondsTo(one.endsAt, now)}`)
    .join(',');
}

/** The rejection by the exhausted window that ends last; undefined while no window is exhausted. */
export function refusalOf(buckets: readonly Bucket[], now: number): TooManyRequests | undefined {
  const exhausted = buckets.filter((one) => remaining(one) === 0).sort(longestFirst)[0];
  if (!exhausted) return undefined;
  const { name, quota, endsAt } = exhausted;
  const window = name === 'per_hour' ? 'hour' : 'day';
  return new TooManyRequests(`the token quota of this ${window} is used up`, secondsTo(endsAt, now), {
    'x-ratelimit-limit': String(quota),
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': String(endsAt / 1000),
  });
}

/** The last hour of a day ends with the day: then the quota of the day is reported. */
const longestFirst = (a: Bucket, b: Bucket): number => b.endsAt - a.endsAt || a.startsAt - b.startsAt;

function bucket(
  name: Bucket['name'],
  quota: number | undefined,
  length: number,
  now: number,
  [start, used]: [unknown, unknown],
): Bucket | undefined {
  if (quota === undefined) return undefined;
  const startsAt = startOf(now, length);
  const counted = Number(start ?? 0);
  return counted < startsAt || counted > startsAt + length
    ? { name, quota, used: 0, startsAt, endsAt: startsAt + length }
    : { name, quota, used: Number(used), startsAt: counted, endsAt: counted + length };
}

const enforced = ({ enforce }: TokenQuota, limit: number | undefined): number =>
  enforce && limit !== undefined ? limit : Number.MAX_SAFE_INTEGER;

const startOf = (now: number, length: number): number => Math.floor(now / length) * length;

const remaining = ({ quota, used }: Bucket): number => Math.max(quota - used, 0);

const secondsTo = (end: number, now: number): number => Math.max(1, Math.ceil((end - now) / 1000));
