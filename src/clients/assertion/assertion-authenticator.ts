import { Injectable } from '@nestjs/common';
import { Log } from '../../config/log.js';
import { nowMilliseconds } from '../../crypto/clock.js';
import { invalidClient } from '../../protocol/oauth-error.js';
import type { Client } from '../client.js';
import { ClientRegistry } from '../client-registry.js';
import { FailureLimits } from '../failure-limits.js';
import { readAssertion, readSubject } from './assertion.js';
import { type DoorAudience, readClaims, refuseOtherAudience } from './assertion-claims.js';
import { AssertionRefusal } from './assertion-refusal.js';
import { ClientKeys } from './client-keys.js';
import { UsedAssertions } from './used-assertions.js';

/** What a client presented in place of a secret, and what it may name as its audience (RFC 7523 2.2). */
export interface AssertionCredential {
  assertion: string;
  /** The client_id beside it, if any. */
  clientId: string | undefined;
  audience: DoorAudience;
}

/** Says which client an assertion belongs to. Whatever is wrong, the refusal is the same as that of a secret. */
@Injectable()
export class AssertionAuthenticator {
  constructor(
    private readonly clients: ClientRegistry,
    private readonly keys: ClientKeys,
    private readonly used: UsedAssertions,
    private readonly limits: FailureLimits,
    private readonly log: Log,
  ) {}

  /** Throws invalid_client, or TooManyRequests where that has happened too often. */
  async authenticate(credential: AssertionCredential, address: string): Promise<Client> {
    const clientId = credential.clientId ?? readSubject(credential.assertion);
    const isRegistered = async () => (await this.clients.find(clientId)) !== undefined;
    return this.limits.run({ clientId, address, isRegistered }, false, () => this.judge(credential));
  }

  private async judge(credential: AssertionCredential): Promise<Client> {
    try {
      return await this.identify(credential);
    } catch (error) {
      if (!(error instanceof AssertionRefusal)) throw error;
      this.log.debug({ reason: error.message }, 'an assertion was refused');
      throw invalidClient();
    }
  }

  private async identify(credential: AssertionCredential): Promise<Client> {
    const assertion = readAssertion(credential.assertion);
    const { clientId, jti, expiresAtSeconds, audience } = readClaims(
      assertion.claims,
      nowMilliseconds() / 1000,
    );
    // RFC 7521 4.2: the client_id must identify the same client.
    if ((credential.clientId ?? clientId) !== clientId) {
      throw new AssertionRefusal('its client is not that of client_id');
    }
    const client = (await this.clients.find(clientId))?.client;
    refuseOtherAudience(audience, client?.assertionAudience ?? 'issuer', credential.audience);
    const comes = client?.active && client.tokenEndpointAuthMethod === 'private_key_jwt' ? client : undefined;
    const verdict = await this.keys.judge(comes, assertion);
    if (!comes) throw new AssertionRefusal('its client does not authenticate so');
    if (verdict !== 'verified') throw new AssertionRefusal(`its signature is ${verdict}`);
    // Last of all, so that nobody but the client can use up its identifiers.
    if (!(await this.used.take(clientId, jti, expiresAtSeconds))) {
      throw new AssertionRefusal('it was used before');
    }
    return comes;
  }
}
