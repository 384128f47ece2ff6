import { Injectable } from '@nestjs/common';
import type { AuditAction } from '../../audit/audit-event.js';
import { AuditTrail } from '../../audit/audit-trail.js';
import { change } from '../../audit/documents.js';
import { agentOf, type Caller } from '../access/permissions.js';
import type { JsonObject } from '../documents/merge-patch.js';

export type ConfigurationTypeName = 'Client' | 'Resource' | 'AccessPolicy' | 'TrustedIssuer';

const PREFIX = {
  Client: 'client',
  Resource: 'resource',
  AccessPolicy: 'policy',
  TrustedIssuer: 'trusted-issuer',
} as const;

/** A change: the state before and after, as administrators see it; null: does not exist. */
export interface Change {
  type: ConfigurationTypeName;
  id: string;
  before: JsonObject | null;
  after: JsonObject | null;
  /** The reason, if it is not the request itself. */
  reason?: string;
}

/** Records who changed what, in the transaction of the change. */
@Injectable()
export class ConfigurationAudit {
  constructor(private readonly trail: AuditTrail) {}

  record(caller: Caller, { type, id, before, after, reason }: Change): Promise<void> {
    return this.trail.record({
      action: actionOf(type, before, after),
      outcome: 'success',
      ...(type === 'Client' ? { clientId: id } : {}),
      agent: agentOf(caller),
      target: { resourceType: type, id },
      detail: { ...(reason === undefined ? {} : { reason }), ...change(before, after) },
    });
  }
}

function actionOf(
  type: ConfigurationTypeName,
  before: JsonObject | null,
  after: JsonObject | null,
): AuditAction {
  if (before === null) return `${PREFIX[type]}.create`;
  return after === null ? `${PREFIX[type]}.delete` : `${PREFIX[type]}.update`;
}
