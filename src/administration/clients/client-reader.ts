import { Injectable } from '@nestjs/common';
import type { DescribedClient } from '../../clients/client.js';
import { Settings } from '../../config/settings.js';
import { nowMilliseconds } from '../../runtime/clock.js';
import { ClaimSums } from '../configuration/claim-sums.js';
import { listedAudienceFaults } from '../documents/audience.faults.js';
import { claimFaults } from '../documents/claims.faults.js';
import { MembersReading } from '../documents/members.js';
import { isObject, type JsonObject } from '../documents/merge-patch.js';
import { disagreements } from '../documents/written.dto.js';
import { ClientMembers } from './client.dto.js';
import { clientOf } from './client.wire.js';
import { clientKeyFaults } from './client-key.faults.js';
import { FederatedRules } from './federated-rules.js';
import { labelFaults } from './label.faults.js';
import { secretHashFaults } from './secrets/secret-hash.faults.js';
import { SecretStrength } from './secrets/secret-strength.js';
import { secretsFaults } from './secrets/secrets.faults.js';
import type { ShownClient } from './shown-clients.js';

const LIST_PATH = 'auth.client_credentials.audience';

/** Reads a client from its document. */
@Injectable()
export class ClientReader {
  constructor(
    private readonly settings: Settings,
    private readonly claimSums: ClaimSums,
    private readonly strength: SecretStrength,
    private readonly rules: FederatedRules,
  ) {}

  /** Throws a Problem with every fault. `storedList`: audiences that are accepted because the client has them already. */
  async read(
    id: string,
    body: JsonObject,
    current: ShownClient | null,
    storedList: readonly string[] | undefined,
  ): Promise<DescribedClient> {
    const reading = new MembersReading(ClientMembers, body);
    reading.add(disagreements(body, 'Client', id));
    reading.add(secretsFaults(body, current?.secrets ?? []));
    reading.add(secretHashFaults(body, current !== null));
    reading.add(clientKeyFaults(body, this.settings.allowPrivateJwksUri));
    reading.add(labelFaults(body.labels));
    reading.add(claimFaults(body.claims));
    reading.add(listedAudienceFaults(LIST_PATH, listOf(body), storedList));
    reading.add(await this.claimSums.faultsOfClient(body, listOf(body)));
    reading.add(await this.strength.faultsOf(id, body));
    const rules = await this.rules.read(body.federated);
    reading.add(rules.faults);
    return clientOf(reading.take(), id, current, nowMilliseconds(), rules.issuers);
  }
}

/** Its list of audiences in the API, valid or not. */
function listOf({ auth }: JsonObject): unknown {
  const settings = isObject(auth) ? auth.client_credentials : undefined;
  return isObject(settings) ? settings.audience : undefined;
}
