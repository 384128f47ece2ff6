import type { JsonObject } from '../administration/documents/merge-patch.js';
import { headOf, isoTime, present } from '../administration/documents/meta.js';
import type { AuditEvent } from '../audit/audit-event.js';
import { currentAction } from '../audit/renamed-actions.js';

/** An audit event as stored, with its place in the chain. */
export function auditView(event: AuditEvent): JsonObject {
  const { id, date, sequence, agentId, agentSessionId, address } = event;
  const agent = present({
    client: referenceTo('Client', agentId),
    session: referenceTo('Session', agentSessionId),
    address: address ?? undefined,
  });
  return present({
    ...headOf('AuditEvent', { id, version: 1, createdAt: date, updatedAt: date }),
    date: isoTime(date),
    action: currentAction(event.action),
    outcome: event.outcome,
    client: referenceTo('Client', event.clientId),
    agent: Object.keys(agent).length > 0 ? agent : undefined,
    target: event.targetType === null ? undefined : referenceTo(event.targetType, event.targetId),
    detail: detailOf(event),
    sequence,
    previous_hash: event.previousHash,
    hash: event.hash,
  });
}

/** May be invalid if it was modified in the database; the chain check reports such an event. */
export function detailOf({ detail }: Pick<AuditEvent, 'detail'>): JsonObject {
  try {
    const read: unknown = JSON.parse(detail);
    if (typeof read === 'object' && read !== null) return read as JsonObject;
  } catch {
    // Not written by the server.
  }
  return { reason: 'the stored detail was changed and cannot be read' };
}

const referenceTo = (resourceType: string, id: string | null): JsonObject | undefined =>
  id === null ? undefined : { resourceType, id };
