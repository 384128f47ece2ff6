import type { Agent, AuditEntry } from '../audit/audit-event.js';
import type { SigningKeyRow } from './signing-key.entity.js';

/** Why a key came or went: the schedule, an administrator, or an algorithm that is used for the first time. */
export type KeyChangeReason =
  | 'first_of_its_algorithm'
  | 'schedule'
  | 'rotated'
  | 'rotated_immediately'
  | 'compromised'
  | 'unused'
  | 'outlived';

export const keyAdded = (key: SigningKeyRow, reason: KeyChangeReason, agent: Agent = {}): AuditEntry => ({
  ...about(key, agent),
  action: 'signing-key.create',
  detail: { reason, after: publicHalf(key) },
});

export const keyChanged = (
  before: SigningKeyRow,
  after: SigningKeyRow,
  reason: KeyChangeReason,
  agent: Agent = {},
): AuditEntry => ({
  ...about(after, agent),
  action: 'signing-key.update',
  detail: { reason, before: publicHalf(before), after: publicHalf(after) },
});

export const keyRemoved = (key: SigningKeyRow, reason: KeyChangeReason, agent: Agent = {}): AuditEntry => ({
  ...about(key, agent),
  action: 'signing-key.delete',
  detail: { reason, before: publicHalf(key) },
});

/** Every session whose token a compromised key has signed ends with it. */
export const sessionsOfKeyClosed = (key: SigningKeyRow, agent: Agent): AuditEntry => ({
  ...about(key, agent),
  action: 'session.close',
  detail: { reason: 'signing_key_compromised', sessions: 'all' },
});

const about = ({ kid }: SigningKeyRow, agent: Agent) => ({
  outcome: 'success' as const,
  agent,
  target: { resourceType: 'SigningKey', id: kid },
});

const publicHalf = ({ kid, alg, publicJwk, signsFrom, retiredAt }: SigningKeyRow) => ({
  resourceType: 'SigningKey',
  id: kid,
  alg,
  signs_from: new Date(signsFrom).toISOString(),
  ...(retiredAt === null ? {} : { retired_at: new Date(retiredAt).toISOString() }),
  jwk: publicJwk,
});
