import { Injectable } from '@nestjs/common';
import { AuditTrail } from '../../audit/audit-trail.js';
import { change } from '../../audit/documents.js';
import { AuthenticationThrottle } from '../../clients/authentication/authentication-throttle.js';
import type { DescribedClient } from '../../clients/client.js';
import { ClientSecrets, isLive } from '../../clients/client-secrets.js';
import { ClientSecretsRepository } from '../../clients/client-secrets.repository.js';
import { isValid } from '../../clients/client-validity.js';
import { ClientsRepository } from '../../clients/clients.repository.js';
import type { HandOver } from '../../clients/hand-over/hand-over.entity.js';
import { HandOversRepository } from '../../clients/hand-over/hand-overs.repository.js';
import { RestoreMark } from '../../clients/private-key-jwt/replay/restore-mark.js';
import type { Origin } from '../../clients/usage/last-use.js';
import { tokenDigest } from '../../crypto/digest.js';
import { makeSecret, readHandle } from '../../crypto/handle.js';
import { ConfigurationRevision } from '../../database/revisions/configuration-revision.js';
import { Holdings } from '../../policies/holdings.js';
import { PoliciesRepository } from '../../policies/policies.repository.js';
import { BearerError } from '../../protocol/bearer-error.js';
import { WrongCredential } from '../../protocol/invalid-client.js';
import { invalidRequest } from '../../protocol/oauth-error.js';
import { nowMilliseconds } from '../../runtime/clock.js';
import { permission } from '../access/permits.js';
import { auditedClient } from '../clients/client.wire.js';
import { MAX_VALID_SECRETS } from '../clients/secrets/secret-addition.js';
import { ShownClients } from '../clients/shown-clients.js';
import { stampOf } from '../documents/stored.js';
import { PrivilegeEscalationGuard } from '../escalation/privilege-escalation-guard.js';

export interface OpenedHandOver {
  client: DescribedClient;
  secret: string;
}

/** Failures are counted by the address alone: a link names no client. */
const PRESENTED_ID = 'hand-over';

/**
 * Opens a link once: makes the secret, which is valid from then on, and gives it to the caller. Until then nobody can
 * use it or steal it from the database, because it does not exist.
 */
@Injectable()
export class HandOverOpening {
  constructor(
    private readonly handOvers: HandOversRepository,
    private readonly clients: ClientsRepository,
    private readonly stored: ClientSecretsRepository,
    private readonly shown: ShownClients,
    private readonly secrets: ClientSecrets,
    private readonly policies: PoliciesRepository,
    private readonly escalation: PrivilegeEscalationGuard,
    private readonly throttle: AuthenticationThrottle,
    private readonly restoreMark: RestoreMark,
    private readonly revision: ConfigurationRevision,
    private readonly trail: AuditTrail,
  ) {}

  /** Throws WrongCredential for every handle that opens nothing, whatever the cause. */
  open(handle: string, { address, network }: Origin): Promise<OpenedHandOver> {
    const attempt = { clientId: PRESENTED_ID, address: network, registered: false };
    return this.throttle.run(attempt, async () => {
      if (readHandle('handOver', handle) === undefined) throw refused('malformed');
      const id = tokenDigest(handle);
      const found = await this.handOvers.find(id);
      if (!found) throw refused('unknown');
      const secret = makeSecret();
      const made = await this.secrets.make(found.clientId, secret);
      const client = await this.revision.change(['clients'], async () => {
        const current = await this.clientToOpen(id);
        const before = await this.shown.withSecrets(current.client);
        const changed = {
          ...current.client,
          ...stampOf(current.client.id, current.client, nowMilliseconds()),
        };
        const { secretId, description, secretExpiresAt: expiresAt } = current.handOver;
        if (!(await this.handOvers.remove(id))) throw refused('unknown');
        await this.clients.replace(changed);
        await this.stored.add({ ...made, id: secretId, description, expiresAt });
        const after = await this.shown.withSecrets(changed);
        await this.trail.record({
          action: 'hand-over.open',
          outcome: 'success',
          clientId: changed.id,
          agent: { address },
          target: { resourceType: 'Client', id: changed.id },
          detail: { secret_id: secretId, ...change(auditedClient(before), auditedClient(after)) },
        });
        return changed;
      });
      return { client, secret };
    });
  }

  /** The link and its client, if it can still be opened: what was true when it was made is judged again. */
  private async clientToOpen(id: string): Promise<{ client: DescribedClient; handOver: HandOver }> {
    const handOver = await this.handOvers.find(id);
    if (!handOver) throw refused('unknown');
    if (handOver.expiresAt <= nowMilliseconds()) throw refused('expired');
    // It may have been opened between the backup and the restore.
    if (this.restoreMark.isBefore(handOver.createdAt / 1000)) throw refused('made before a restore');
    const client = await this.clients.find(handOver.clientId);
    if (!client || !isValid(client)) throw refused('its client is not valid');
    if (client.tokenEndpointAuthMethod === 'private_key_jwt') throw refused('its client has no secret');
    if (handOver.secretExpiresAt !== null && handOver.secretExpiresAt <= nowMilliseconds())
      throw refused('its secret would have expired');
    await this.assertStillPermitted(handOver);
    const live = (await this.stored.of(client.id)).filter(isLive);
    if (live.length >= MAX_VALID_SECRETS) {
      throw invalidRequest('the client has too many secrets: ask the administrator to end one, and repeat');
    }
    return { client, handOver };
  }

  /** The maker may have lost the right since, or the client may have gained more than that one holds. */
  private async assertStillPermitted({ clientId, madeBy }: HandOver): Promise<void> {
    const maker = await this.clients.find(madeBy);
    if (!maker || !isValid(maker)) throw refused('who made it is not valid');
    const holdings = new Holdings(await this.policies.ofClient(madeBy));
    if (!holdings.may(permission('Client', clientId, 'rotate'))) throw refused('who made it lacks the right');
    const writer = { caller: { clientId: madeBy }, client: maker, holdings };
    await this.escalation.assertClientChange(writer, clientId, null).catch((error: unknown) => {
      throw error instanceof BearerError ? refused('who made it lacks the right') : error;
    });
  }
}

const refused = (cause: string) => new WrongCredential(`hand-over: ${cause}`);
