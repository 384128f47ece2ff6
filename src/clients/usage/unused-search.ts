import type { SearchParameter } from '../../database/search/search-parameter.js';
import { nowMilliseconds } from '../../runtime/clock.js';

const DURATION = /^(\d{1,6})([smhdw])$/;
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** A client that was never used counts from its creation. */
const SQL = `t.created_at <= ? AND NOT EXISTS (SELECT 1 FROM last_use u WHERE u.client_id = t.id AND u.used_at > ?)`;

/** The milliseconds of a duration such as `90d`; undefined if it is none. */
export function durationOf(text: string): number | undefined {
  const [, count, unit] = DURATION.exec(text) ?? [];
  const seconds = SECONDS[unit ?? ''];
  return seconds === undefined ? undefined : Number(count) * seconds * 1000;
}

/** For how long no credential of a client was used, such as `90d`. */
export const UNUSED: SearchParameter = {
  restrict(value) {
    const duration = durationOf(value);
    if (duration === undefined) return { fault: 'must be a number of s, m, h, d or w, such as 90d' };
    const since = nowMilliseconds() - duration;
    return { sql: SQL, values: [since, since] };
  },
};
