import { Injectable } from '@nestjs/common';
import { isLive } from '../../../clients/client-secrets.js';
import { ClientSecretsRepository } from '../../../clients/client-secrets.repository.js';
import { HandOversRepository } from '../../../clients/hand-over/hand-overs.repository.js';
import { ConfigurationRevision } from '../../../database/revisions/configuration-revision.js';
import { Problem } from '../../../protocol/problem.js';
import type { Caller } from '../../access/permissions.js';
import type { Preconditions } from '../../configuration/preconditions.js';
import { PrivilegeEscalationGuard } from '../../escalation/privilege-escalation-guard.js';
import type { ShownClient } from '../shown-clients.js';
import { SecretChanges } from './secret-changes.js';

/** Ends one secret of a client, or the link for one that was not opened, at once and leaves the others as they are. */
@Injectable()
export class SecretEnding {
  constructor(
    private readonly stored: ClientSecretsRepository,
    private readonly handOvers: HandOversRepository,
    private readonly changes: SecretChanges,
    private readonly escalation: PrivilegeEscalationGuard,
    private readonly revision: ConfigurationRevision,
  ) {}

  /** When this resolves, no process accepts the secret. */
  async end(
    caller: Caller,
    id: string,
    secretId: string,
    preconditions: Preconditions,
  ): Promise<ShownClient> {
    const client = await this.changes.make(caller, id, preconditions, {
      action: 'client.end-secret',
      detail: { secret_id: secretId },
      apply: async (_current, now) => {
        if (await this.handOvers.endPending(id, secretId)) return;
        const secrets = await this.stored.of(id);
        if (!secrets.some((secret) => secret.id === secretId && isLive(secret))) throw noSuchSecret(id);
        await this.stored.end(id, secretId, now);
        await this.escalation.assertNoLockOut();
      },
    });
    await this.revision.seenEverywhere();
    return client;
  }
}

const noSuchSecret = (id: string) =>
  new Problem(404, 'Not Found', `the client ${id} has no valid secret with this id`);
