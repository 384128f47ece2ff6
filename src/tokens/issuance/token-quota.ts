import type { TokenQuota } from '../../clients/client.js';
import { DAY_MILLISECONDS, HOUR_MILLISECONDS, startOf } from '../../clients/usage/token-quota-use.js';
import type { Row } from '../../database/row-reader.js';
import { TooManyRequests } from '../../protocol/too-many-requests.js';

/** One window of a quota, in the terms of Auth0. */
export interface Bucket {
  name: 'per_hour' | 'per_day';
  quota: number;
  used: number;
  /** Epoch milliseconds. */
  startsAt: number;
  endsAt: number;
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

const remaining = ({ quota, used }: Bucket): number => Math.max(quota - used, 0);

const secondsTo = (end: number, now: number): number => Math.max(1, Math.ceil((end - now) / 1000));
