import { type BundleEntry, entryAlone, readBundle } from '../../../administration/bundles/bundle.dto.js';
import type { ConfigurationTypeName } from '../../../administration/configuration/configuration-audit.js';
import { dateTime } from '../../../administration/documents/date-time.js';
import type { JsonObject } from '../../../administration/documents/merge-patch.js';
import { DAY_MILLISECONDS } from '../../../clients/usage/token-quota-use.js';
import { type Fault, unreadable, wrongMembers } from '../../../protocol/problem.js';
import { readQuery } from '../access/query-string.js';

const MAX_DAYS = 30;
const DEFAULT_DAYS = '1';
const DAYS_FAULT = `must be a number from 0, which replays nothing, to ${MAX_DAYS}`;

/** A policy, or a Bundle of writes. */
export function proposedEntries(body: JsonObject, types: readonly ConfigurationTypeName[]): BundleEntry[] {
  const { resourceType = 'entry' in body ? 'Bundle' : 'AccessPolicy' } = body;
  if (resourceType === 'Bundle') return readBundle(body, types);
  if (resourceType === 'AccessPolicy') return [entryAlone('AccessPolicy', body)];
  throw wrongMembers([
    { path: 'resourceType', message: 'must be AccessPolicy, or Bundle for writes of several types' },
  ]);
}

/** Since when token requests are replayed; undefined: none is. */
export function replayStart(url: string, now: number): number | undefined {
  const query = readQuery(url);
  const faults: Fault[] = [];
  const once = (name: string): string | undefined => {
    const [value, another] = query.flatMap(([given, text]) => (given === name ? [text] : []));
    if (another !== undefined) faults.push({ path: name, message: 'must be given once' });
    return value;
  };
  const since = once('since');
  const days = once('days') ?? DEFAULT_DAYS;
  if (since !== undefined && query.some(([name]) => name === 'days'))
    faults.push({ path: 'since', message: 'cannot be combined with `days`' });
  if (!/^(?:0|[1-9]\d?)$/.test(days) || Number(days) > MAX_DAYS)
    faults.push({ path: 'days', message: DAYS_FAULT });
  if (since !== undefined) faults.push(...sinceFaults(since, now));
  if (faults.length > 0) throw unreadable('the query contains unsupported or invalid parameters', faults);
  if (since !== undefined) return Date.parse(since);
  return days === '0' ? undefined : now - Number(days) * DAY_MILLISECONDS;
}

function sinceFaults(since: string, now: number): Fault[] {
  const message = dateTime(since, {});
  if (message !== undefined) return [{ path: 'since', message }];
  const at = Date.parse(since);
  if (at > now) return [{ path: 'since', message: 'must not be in the future' }];
  const isTooEarly = at < now - MAX_DAYS * DAY_MILLISECONDS;
  return isTooEarly ? [{ path: 'since', message: `must be at most ${MAX_DAYS} days ago` }] : [];
}
