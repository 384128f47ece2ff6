import type { Agent, AuditEntry } from '../audit/audit-event.js';
import type { SigningKeyRow } from './signing-key.entity.js';

/** Why a key was added, changed or removed. */
export type KeyChangeReason =
  | 'first_of_its_algorithm'
  | 'schedule'
  | 'rotated'
  | 'rotated_immediately'
  | 'compromised'
  | 'unused'
  | 'outlived';

export const keyAdded = (key: SigningKeyRow, reason: KeyChangeReason, agent: Agent = {}): AuditEntry => ({
  ...common(key, agent),
  action: 'signing-key.create',
  detail: { reason, after: publicHalf(key) },
});

export const keyChanged = (
  before: SigningKeyRow,
  after: SigningKeyRow,
  reason: KeyChangeReason,
  agent: Agent = {},
): AuditEntry => ({
  ...common(after, agent),
  action: 'signing-key.update',
  detail: { reason, before: publicHalf(before), after: publicHalf(after) },
});

export const keyRemoved = (key: SigningKeyRow, reason: KeyChangeReason, agent: Agent = {}): AuditEntry => ({
  ...common(key, agent),
  action: 'signing-key.delete',
  detail: { reason, before: publicHalf(key) },
});

/** Closes every session whose token was signed with the compromised key. */
export const sessionsOfKeyClosed = (key: SigningKeyRow, agent: Agent): AuditEntry => ({
  ...common(key, agent),
  action: 'session.close',
  detail: { reason: 'signing_key_compromised', sessions: 'all' },
});

const common = ({ kid }: SigningKeyRow, agent: Agent) => ({
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
