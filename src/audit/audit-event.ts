export const AUDIT_OUTCOMES = ['success', 'failure'] as const;

export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

/** The audited actions; docs/administration.md describes each of them. */
export type AuditAction =
  | 'audit.begin'
  | 'audit.break'
  | 'audit.drop'
  | 'backup.restore'
  | 'client.create'
  | 'client.update'
  | 'client.delete'
  | 'client.rotate-secret'
  | 'client.add-secret'
  | 'client.end-secret'
  | 'client.contain'
  | 'hand-over.make'
  | 'hand-over.open'
  | 'hand-over.expire'
  | 'client.expire-soon'
  | 'client.go-unused'
  | 'secret.expire-soon'
  | 'resource.create'
  | 'resource.update'
  | 'resource.delete'
  | 'policy.create'
  | 'policy.update'
  | 'policy.delete'
  | 'trusted-issuer.create'
  | 'trusted-issuer.update'
  | 'trusted-issuer.delete'
  | 'signing-key.create'
  | 'signing-key.update'
  | 'signing-key.delete'
  | 'signing-key.expire-soon'
  | 'session.close'
  | 'token.issue'
  | 'token.deny'
  | 'refresh-token.reuse'
  | 'revocation.deny'
  | 'introspection.deny'
  | 'authorization.deny'
  | 'authentication.fail'
  | 'quota.approach'
  | 'quota.exceed'
  | 'refusal.spike'
  | 'authentication.throttle';

/** Who acted; the server itself if all members are absent. */
export interface Agent {
  clientId?: string;
  /** The session of the access token used. */
  sessionId?: string;
  address?: string;
}

/** An event before it has its place in the chain. */
export interface AuditEntry {
  action: AuditAction;
  outcome: AuditOutcome;
  /** Epoch milliseconds; defaults to now. */
  date?: number;
  /** The client concerned. */
  clientId?: string;
  agent?: Agent;
  target?: { resourceType: string; id: string };
  /** In the terms of the API; never a secret, a token or a hash of one. */
  detail?: Readonly<Record<string, unknown>>;
}

/** One link of the chain, as stored. */
export interface AuditEvent {
  /** Counts from 1 without gaps. */
  sequence: number;
  id: string;
  date: number;
  action: string;
  outcome: string;
  clientId: string | null;
  agentId: string | null;
  agentSessionId: string | null;
  address: string | null;
  targetType: string | null;
  targetId: string | null;
  /** JSON, exactly as hashed. */
  detail: string;
  previousHash: string;
  hash: string;
}

/**
 * Every column but the hash, in the order in which they are hashed and stored, so that no column escapes the hash.
 */
export const hashedParts = (event: Omit<AuditEvent, 'hash'>): (string | number | null)[] => [
  event.sequence,
  event.id,
  event.date,
  event.action,
  event.outcome,
  event.clientId,
  event.agentId,
  event.agentSessionId,
  event.address,
  event.targetType,
  event.targetId,
  event.detail,
  event.previousHash,
];
