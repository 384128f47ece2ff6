import { Injectable } from '@nestjs/common';
import { InvalidClient, WrongCredential } from '../../protocol/invalid-client.js';
import { nowMilliseconds } from '../../runtime/clock.js';
import { AuthenticationThrottle } from '../authentication/authentication-throttle.js';
import type { Client } from '../client.js';
import { ClientRegistry } from '../client-registry.js';
import { readAssertion, readSubject } from './assertion.js';
import { type AcceptedAudience, readClaims, refuseOtherAudience } from './assertion-claims.js';
import { AssertionRefusal, WrongSignature } from './assertion-refusal.js';
import { ClientKeys } from './client-keys.js';
import { UsedAssertions } from './used-assertions.js';
import type { Verdict } from './verifying-keys.js';

/** What a client presented in place of a secret, and what it may name as its audience (RFC 7523 2.2). */
export interface AssertionCredential {
  assertion: string;
  /** The client_id beside it, if any. */
  clientId: string | undefined;
  audience: AcceptedAudience;
}

/** Says which client an assertion belongs to. Whatever is wrong, the refusal is the same as that of a secret. */
@Injectable()
export class AssertionAuthenticator {
  constructor(
    private readonly clients: ClientRegistry,
    private readonly keys: ClientKeys,
    private readonly used: UsedAssertions,
    private readonly limits: AuthenticationThrottle,
  ) {}

  /** Throws InvalidClient, or TooManyFailures for a wrong signature where those came too often. */
  async authenticate(credential: AssertionCredential, address: string): Promise<Client> {
    const clientId = credential.clientId ?? readSubject(credential.assertion);
    const registered = (await this.clients.find(clientId)) !== undefined;
    return this.limits.run({ clientId, address, registered }, () => this.judge(credential, registered));
  }

  private async judge(credential: AssertionCredential, registered: boolean): Promise<Client> {
    try {
      return await this.identify(credential);
    } catch (error) {
      if (!(error instanceof AssertionRefusal)) throw error;
      const Refused = error instanceof WrongSignature ? WrongCredential : InvalidClient;
      throw new Refused(`assertion: ${error.message}`, registered);
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
      throw new AssertionRefusal('it names a different client than client_id');
    }
    const client = (await this.clients.find(clientId))?.client;
    refuseOtherAudience(audience, client?.assertionAudience ?? 'issuer', credential.audience);
    const signing = client && mayBeJudged(client) ? client : undefined;
    const verdict = await this.keys.judge(signing, assertion);
    if (!client) throw new WrongSignature('unknown client');
    if (!signing) {
      throw new WrongSignature(
        client.active ? 'the client does not authenticate with private_key_jwt' : DISABLED,
      );
    }
    if (verdict !== 'verified') throw new WrongSignature(VERDICTS[verdict]);
    if (!client.active) throw new AssertionRefusal(DISABLED);
    // Last of all, so that only the client can use up its identifiers.
    if (!(await this.used.take(clientId, jti, expiresAtSeconds))) {
      throw new AssertionRefusal('its jti was used before');
    }
    return client;
  }
}

const DISABLED = 'the client is disabled';

/** Keys are not fetched for a disabled client. */
const mayBeJudged = ({ tokenEndpointAuthMethod: method, active, jwks }: Client): boolean =>
  method === 'private_key_jwt' && (active || jwks !== null);

const VERDICTS: Readonly<Record<Exclude<Verdict, 'verified'>, string>> = {
  forged: 'its signature does not match the key with its kid and alg',
  unknown: 'the client has no key with its kid and alg',
  unfetched: 'the keys at jwks_uri could not be fetched',
};
