import { Injectable } from '@nestjs/common';
import type { AssertionType } from '../../protocol/client-assertion.js';
import { InvalidClient, WrongCredential } from '../../protocol/invalid-client.js';
import { nowMilliseconds } from '../../runtime/clock.js';
import { AuthenticationThrottle } from '../authentication/authentication-throttle.js';
import { CredentialUse } from '../authentication/credential-use.js';
import type { Client } from '../client.js';
import { ClientRegistry } from '../client-registry.js';
import { invalidityOf, isValid } from '../client-validity.js';
import type { Origin } from '../usage/last-use.js';
import { type Assertion, subjectOf } from './assertion.js';
import {
  type AcceptedAudience,
  acceptableFromSeconds,
  assertAudience,
  readClaims,
} from './assertion-claims.js';
import { AssertionRefusal, WrongSignature } from './assertion-refusal.js';
import { ClientKeys } from './client-keys.js';
import type { Verdict, Verified } from './keys/verifying-keys.js';
import { RestoreMark } from './replay/restore-mark.js';
import { UsedAssertions } from './replay/used-assertions.js';

/** An assertion in place of a secret, and the audience that it may have (RFC 7523 2.2). */
export interface AssertionCredential {
  type: AssertionType;
  assertion: string;
  /** The client_id parameter, if any. */
  clientId: string | undefined;
  audience: AcceptedAudience;
}

const MAX_POSITION = 9;

/** Authenticates clients by private_key_jwt. The response to an invalid assertion is that to a wrong secret. */
@Injectable()
export class AssertionAuthenticator {
  constructor(
    private readonly clients: ClientRegistry,
    private readonly keys: ClientKeys,
    private readonly used: UsedAssertions,
    private readonly restored: RestoreMark,
    private readonly uses: CredentialUse,
    private readonly limits: AuthenticationThrottle,
  ) {}

  /** Throws InvalidClient, or TooManyFailures for a wrong signature while a limit is reached. */
  async authenticate(credential: AssertionCredential, assertion: Assertion, origin: Origin): Promise<Client> {
    const clientId = credential.clientId ?? subjectOf(assertion);
    const registered = (await this.clients.find(clientId)) !== undefined;
    const attempt = { clientId, address: origin.network, registered };
    return this.limits.run(attempt, () => this.check(credential, assertion, registered, origin));
  }

  private async check(
    credential: AssertionCredential,
    assertion: Assertion,
    registered: boolean,
    origin: Origin,
  ): Promise<Client> {
    try {
      return await this.identify(credential, assertion, origin);
    } catch (error) {
      if (!(error instanceof AssertionRefusal)) throw error;
      const Refused = error instanceof WrongSignature ? WrongCredential : InvalidClient;
      throw new Refused(`assertion: ${error.message}`, registered);
    }
  }

  private async identify(
    credential: AssertionCredential,
    assertion: Assertion,
    origin: Origin,
  ): Promise<Client> {
    const { clientId, jti, expiresAtSeconds, audience } = readClaims(
      assertion.claims,
      nowMilliseconds() / 1000,
    );
    // RFC 7521 4.2: the client_id must identify the same client.
    if ((credential.clientId ?? clientId) !== clientId) {
      throw new AssertionRefusal('it names a different client than client_id');
    }
    const client = (await this.clients.find(clientId))?.client;
    assertAudience(audience, client?.assertionAudience ?? 'issuer', credential.audience);
    const verifiable = client && mayBeVerified(client) ? client : undefined;
    const verdict = await this.keys.verify(verifiable, assertion);
    if (!client) throw new WrongSignature('unknown client');
    if (!verifiable) {
      throw new WrongSignature(
        invalidityOf(client) ?? 'the client does not authenticate with private_key_jwt',
      );
    }
    if (typeof verdict === 'string') throw new WrongSignature(VERDICTS[verdict]);
    const invalidity = invalidityOf(client);
    if (invalidity !== undefined) throw new AssertionRefusal(invalidity);
    if (this.restored.isBefore(acceptableFromSeconds(assertion.claims))) {
      throw new AssertionRefusal('it may have been used before the database was restored from a backup');
    }
    // Last, so that only the client itself can use up its identifiers.
    if (!(await this.used.record(clientId, jti, expiresAtSeconds))) {
      throw new AssertionRefusal('its jti was used before');
    }
    this.uses.noteKey(clientId, slotOf(client, verdict), verdict.kid, origin);
    return client;
  }
}

/** The keys of a fetched set come and go without a write: by position, they have a bounded number of slots. */
const slotOf = ({ jwksUri }: Client, { kid = '', position }: Verified): string =>
  jwksUri === null ? `kid ${kid}` : `position ${Math.min(position, MAX_POSITION)}`;

/** Keys are not fetched for a disabled or expired client. */
const mayBeVerified = (client: Client): boolean =>
  client.tokenEndpointAuthMethod === 'private_key_jwt' && (isValid(client) || client.jwks !== null);

const VERDICTS: Readonly<Record<Exclude<Verdict, Verified>, string>> = {
  forged: 'its signature does not match the key with its kid and alg',
  unknown: 'the client has no key with its kid and alg',
  unfetched: 'the keys at jwks_uri could not be fetched',
};
