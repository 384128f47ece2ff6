import { Injectable } from '@nestjs/common';
import { AuditTrail } from '../../audit/audit-trail.js';
import { change } from '../../audit/documents.js';
import { ClientSecrets, endedAt } from '../../clients/client-secrets.js';
import { ClientsRepository } from '../../clients/clients.repository.js';
import { makeSecret } from '../../crypto/handle.js';
import { ConfigurationRevision } from '../../database/configuration-revision.js';
import { conflict, notFound } from '../../protocol/problem.js';
import { nowMilliseconds } from '../../runtime/clock.js';
import { SessionsService } from '../../sessions/sessions.service.js';
import { agentOf, type Caller } from '../access/permissions.js';
import { Writers } from '../access/writer.js';
import type { Preconditions } from '../configuration/preconditions.js';
import { stampOf } from '../documents/stored.js';
import { PrivilegeEscalationGuard } from '../escalation/privilege-escalation-guard.js';
import { clientView } from './client.wire.js';
import { type ShownClient, ShownClients } from './shown-clients.js';

export interface Rotation {
  overlapSeconds: number;
  closeSessions: boolean;
  preconditions: Preconditions;
}

/** Gives a client a new secret while its older ones stay valid for a while, so that the client has no downtime. */
@Injectable()
export class SecretRotation {
  constructor(
    private readonly clients: ClientsRepository,
    private readonly shown: ShownClients,
    private readonly secrets: ClientSecrets,
    private readonly sessions: SessionsService,
    private readonly writers: Writers,
    private readonly escalation: PrivilegeEscalationGuard,
    private readonly revision: ConfigurationRevision,
    private readonly trail: AuditTrail,
  ) {}

  /** Returns the client and its new secret, which is never shown again. */
  async rotate(
    caller: Caller,
    id: string,
    rotation: Rotation,
  ): Promise<{ client: ShownClient; secret: string }> {
    const secret = makeSecret();
    const row = await this.secrets.make(id, secret);
    const client = await this.revision.change(['clients'], async () => {
      const writer = await this.writers.require(caller, 'Client', id, 'rotate');
      const current = await this.clients.find(id);
      if (!current) throw notFound('Client', id);
      rotation.preconditions.assertHold(current.version);
      await this.escalation.assertClientChange(writer, id, null);
      if (current.tokenEndpointAuthMethod === 'private_key_jwt') {
        throw conflict(`the client ${id} authenticates with private_key_jwt and has no secret`);
      }
      const now = nowMilliseconds();
      const rotated = { ...current, ...stampOf(id, current, now) };
      const before = await this.shown.withSecrets(current);
      await this.clients.replace(rotated);
      const { overlapSeconds } = rotation;
      await this.clients.addSecret(row, overlapSeconds === 0 ? endedAt(now) : now + overlapSeconds * 1000);
      const after = await this.shown.withSecrets(rotated);
      await this.trail.record({
        action: 'client.rotate-secret',
        outcome: 'success',
        clientId: id,
        agent: agentOf(caller),
        target: { resourceType: 'Client', id },
        detail: {
          overlap: rotation.overlapSeconds,
          close_sessions: rotation.closeSessions,
          ...change(clientView(before), clientView(after)),
        },
      });
      if (rotation.closeSessions) await this.sessions.closeAllWithin(id, agentOf(caller));
      return after;
    });
    if (rotation.closeSessions) await this.revision.seenEverywhere();
    return { client, secret };
  }
}
