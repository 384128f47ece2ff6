import { isDeepStrictEqual } from 'node:util';
import type { Fault } from '../../../protocol/problem.js';
import { nowMilliseconds } from '../../../runtime/clock.js';
import { isObject, type JsonObject } from '../../documents/merge-patch.js';
import { isoTime } from '../../documents/meta.js';
import { changedReadOnly } from '../../documents/read-only.js';
import { secretView } from '../client.wire.js';
import type { ShownSecret } from '../shown-clients.js';

const MESSAGE =
  'is read-only: omit it; change secrets with `secret`, POST /Client/{id}/$rotate-secret, $add-secret or $end-secret';

const MEMBERS: ReadonlySet<string> = new Set(['id', 'description', 'created', 'end', 'last_used']);

/** A patch may repeat `secrets` as shown; the time of last use may have changed since. */
export function patchedSecretsFaults({ secrets }: JsonObject, shown: readonly ShownSecret[]): Fault[] {
  return changedReadOnly(
    { secrets: withoutUse(viewsOf(shown)) },
    { secrets: withoutUse(secrets) },
    ['secrets'],
    MESSAGE,
  );
}

/**
 * A full document may also be older, from a backup or from the `before` of an audit event: it can show secrets that
 * have been removed since, and expiry times that were set or brought forward since.
 */
export function secretsFaults({ secrets }: JsonObject, shown: readonly ShownSecret[]): Fault[] {
  if (secrets === undefined) return [];
  const views = viewsOf(shown);
  if (isDeepStrictEqual(secrets, views)) return [];
  const wasShown =
    Array.isArray(secrets) &&
    secrets.length > 0 &&
    secrets.every((secret) => mayHaveBeenShown(secret, views));
  return wasShown ? [] : [{ path: 'secrets', message: MESSAGE }];
}

function mayHaveBeenShown(secret: unknown, views: readonly JsonObject[]): boolean {
  if (!isObject(secret) || !Object.keys(secret).every((name) => MEMBERS.has(name))) return false;
  const { id, description, created, end, last_used: lastUsed } = secret;
  if (![id, description].every((text) => text === undefined || typeof text === 'string')) return false;
  const times = [created, ...[end, lastUsed].filter((time) => time !== undefined)];
  if (!times.every(isTime) || Date.parse(created as string) > nowMilliseconds()) return false;
  const kept = views.filter((view) => view.created === created);
  return (
    kept.length === 0 ||
    kept.some((view) => end === undefined || (view.end !== undefined && String(end) >= String(view.end)))
  );
}

const isTime = (value: unknown): value is string =>
  typeof value === 'string' && Number.isFinite(Date.parse(value)) && isoTime(Date.parse(value)) === value;

const viewsOf = (shown: readonly ShownSecret[]): JsonObject[] => shown.map(secretView);

const withoutUse = (secrets: unknown): unknown =>
  Array.isArray(secrets)
    ? secrets.map((secret) => (isObject(secret) ? { ...secret, last_used: undefined } : secret))
    : secrets;
