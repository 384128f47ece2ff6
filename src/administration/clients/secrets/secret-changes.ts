import { Injectable } from '@nestjs/common';
import type { AuditAction } from '../../../audit/audit-event.js';
import { AuditTrail } from '../../../audit/audit-trail.js';
import { change } from '../../../audit/documents.js';
import type { DescribedClient } from '../../../clients/client.js';
import { ClientsRepository } from '../../../clients/clients.repository.js';
import { ConfigurationRevision } from '../../../database/revisions/configuration-revision.js';
import { conflict, notFound } from '../../../protocol/problem.js';
import { nowMilliseconds } from '../../../runtime/clock.js';
import { agentOf, type Caller } from '../../access/permissions.js';
import { Writers } from '../../access/writer.js';
import type { Preconditions } from '../../configuration/preconditions.js';
import type { JsonObject } from '../../documents/merge-patch.js';
import { stampOf } from '../../documents/stored.js';
import { PrivilegeEscalationGuard } from '../../escalation/privilege-escalation-guard.js';
import { auditedClient } from '../client.wire.js';
import { type ShownClient, ShownClients } from '../shown-clients.js';

/** A change of the secrets of one client by an operation of their own. */
export interface SecretChange {
  action: AuditAction;
  /** Members of the audit event besides the client before and after. */
  detail: JsonObject;
  /** Runs inside the transaction, possibly repeatedly, for a caller that holds everything that the client holds. */
  apply(current: DescribedClient, now: number): Promise<void>;
}

/** Common to all changes of secrets: rights, preconditions, a new version of the client, and an audit event. */
@Injectable()
export class SecretChanges {
  constructor(
    private readonly clients: ClientsRepository,
    private readonly shown: ShownClients,
    private readonly writers: Writers,
    private readonly escalation: PrivilegeEscalationGuard,
    private readonly revision: ConfigurationRevision,
    private readonly trail: AuditTrail,
  ) {}

  make(
    caller: Caller,
    id: string,
    preconditions: Preconditions,
    secrets: SecretChange,
  ): Promise<ShownClient> {
    return this.revision.change(['clients'], async () => {
      const writer = await this.writers.require(caller, 'Client', id, 'rotate');
      const current = await this.clients.find(id);
      if (!current) throw notFound('Client', id);
      preconditions.assertHold(current.version);
      await this.escalation.assertClientChange(writer, id, null);
      if (current.tokenEndpointAuthMethod === 'private_key_jwt') {
        throw conflict(`the client ${id} authenticates with private_key_jwt and has no secret`);
      }
      const now = nowMilliseconds();
      const changed = { ...current, ...stampOf(id, current, now) };
      const before = await this.shown.withSecrets(current);
      await this.clients.replace(changed);
      await secrets.apply(current, now);
      const after = await this.shown.withSecrets(changed);
      await this.trail.record({
        action: secrets.action,
        outcome: 'success',
        clientId: id,
        agent: agentOf(caller),
        target: { resourceType: 'Client', id },
        detail: { ...secrets.detail, ...change(auditedClient(before), auditedClient(after)) },
      });
      return after;
    });
  }
}
