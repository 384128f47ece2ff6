import { Injectable } from '@nestjs/common';
import { ClientSecrets, endedAt } from '../../../clients/client-secrets.js';
import { ClientSecretsRepository } from '../../../clients/client-secrets.repository.js';
import { makeSecret } from '../../../crypto/handle.js';
import { ConfigurationRevision } from '../../../database/revisions/configuration-revision.js';
import { SessionsService } from '../../../sessions/sessions.service.js';
import { agentOf, type Caller } from '../../access/permissions.js';
import type { Preconditions } from '../../configuration/preconditions.js';
import type { ShownClient } from '../shown-clients.js';
import { SecretChanges } from './secret-changes.js';

export interface Rotation {
  overlapSeconds: number;
  closeSessions: boolean;
  preconditions: Preconditions;
}

/** Gives a client a new secret while its older ones stay valid for a while, so that the client has no downtime. */
@Injectable()
export class SecretRotation {
  constructor(
    private readonly stored: ClientSecretsRepository,
    private readonly changes: SecretChanges,
    private readonly secrets: ClientSecrets,
    private readonly sessions: SessionsService,
    private readonly revision: ConfigurationRevision,
  ) {}

  /** Returns the client and its new secret, which is never shown again. */
  async rotate(
    caller: Caller,
    id: string,
    { overlapSeconds, closeSessions, preconditions }: Rotation,
  ): Promise<{ client: ShownClient; secret: string }> {
    const secret = makeSecret();
    const row = await this.secrets.make(id, secret);
    const client = await this.changes.make(caller, id, preconditions, {
      action: 'client.rotate-secret',
      detail: { overlap: overlapSeconds, close_sessions: closeSessions },
      apply: async (_current, now) => {
        await this.stored.rotate(row, overlapSeconds === 0 ? endedAt(now) : now + overlapSeconds * 1000);
        if (closeSessions) await this.sessions.closeAllWithin(id, agentOf(caller));
      },
    });
    if (closeSessions) await this.revision.seenEverywhere();
    return { client, secret };
  }
}
