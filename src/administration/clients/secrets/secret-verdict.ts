import { type LastUse, ruleUseId } from '../../../clients/usage/last-use.js';
import type { ShownClient, ShownSecret } from '../shown-clients.js';

/** Why a secret can be ended, or not yet. */
export type VerdictCode = 'replaced' | 'never_used' | 'in_use' | 'not_used_yet' | 'no_successor';

/** Whether ending a secret would interrupt the client, judged by the uses of its credentials. */
export interface SecretVerdict {
  code: VerdictCode;
  safeToEnd: boolean;
  text: string;
  lastUse: LastUse | undefined;
}

const SAFE: ReadonlySet<VerdictCode> = new Set(['replaced', 'never_used']);
const NOT_SAFE = 'not safe to end';

/**
 * A secret is safe to end when it was not used for `idleMs` and another valid credential was used since: a client that
 * sleeps comes back with the only credential that it has.
 */
export function verdictOf(
  secret: ShownSecret,
  client: ShownClient,
  idleMs: number,
  now: number,
): SecretVerdict {
  const lastUse = client.uses.find(({ id }) => id === secret.id);
  const since = secret.lastUsedAt ?? secret.createdAt;
  const successor = othersOf(secret, client).some(({ usedAt }) => usedAt > since);
  const code = codeOf(secret, now - since >= idleMs, successor);
  return { code, safeToEnd: SAFE.has(code), text: TEXTS[code](ago(now - since), placeOf(lastUse)), lastUse };
}

function codeOf({ lastUsedAt }: ShownSecret, isIdle: boolean, successor: boolean): VerdictCode {
  if (!isIdle) return lastUsedAt === null ? 'not_used_yet' : 'in_use';
  if (!successor) return 'no_successor';
  return lastUsedAt === null ? 'never_used' : 'replaced';
}

/** The last uses of its other credentials that are still valid. */
function othersOf({ id: own }: ShownSecret, { id, uses, secrets, federated }: ShownClient): LastUse[] {
  const valid = new Set([
    ...secrets.map((secret) => secret.id),
    ...(federated ?? []).map((rule) => ruleUseId(id, rule)),
  ]);
  return uses.filter((use) => use.id !== own && valid.has(use.id));
}

const TEXTS: Readonly<Record<VerdictCode, (time: string, place: string) => string>> = {
  replaced: (time, place) =>
    `last used ${time} ago${place}; the client has used another credential since: safe to end`,
  never_used: (time) => `never used in ${time}; the client uses another credential: safe to end`,
  in_use: (time, place) => `in use: last used ${time} ago${place}: ${NOT_SAFE}`,
  not_used_yet: (time) => `made ${time} ago and not used yet: ${NOT_SAFE}`,
  no_successor: (time) =>
    `not used for ${time}, but the client has used no other valid credential since: ${NOT_SAFE}`,
};

const placeOf = (use: LastUse | undefined): string => (use ? ` from ${use.address}` : '');

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

function ago(milliseconds: number): string {
  for (const [unit, size] of UNITS) {
    const count = Math.floor(milliseconds / size);
    if (count > 0) return `${count} ${unit}${count === 1 ? '' : 's'}`;
  }
  return 'less than a minute';
}
