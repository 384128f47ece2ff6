import { Injectable } from '@nestjs/common';
import { AmbiguousClient, InvalidClient, WrongCredential } from '../../protocol/invalid-client.js';
import { AuthenticationThrottle } from '../authentication/authentication-throttle.js';
import { CredentialUse } from '../authentication/credential-use.js';
import type { Client } from '../client.js';
import { ClientRegistry } from '../client-registry.js';
import { invalidityOf, isValid } from '../client-validity.js';
import { type Assertion, subjectOf } from '../private-key-jwt/assertion.js';
import type { AssertionCredential } from '../private-key-jwt/assertion-authenticator.js';
import { AssertionRefusal, WrongSignature } from '../private-key-jwt/assertion-refusal.js';
import type { Origin } from '../usage/last-use.js';
import { FederatedAssertions, type VerifiedAssertion } from './federated-assertions.js';
import { fitsRule } from './rule-fit.js';
import { MAX_CANDIDATES, RuleIndex } from './rule-index.js';
import type { AssertionIdentity, FederatedRule } from './trusted-issuer.js';

/** A client, and the assertion of a trusted issuer by which it was authenticated. */
export interface FederatedClient {
  client: Client;
  identity: AssertionIdentity;
}

/**
 * Authenticates clients by the tokens of trusted issuers. The response to an invalid one is that to a wrong secret,
 * after one signature check, whatever the cause.
 */
@Injectable()
export class FederatedAuthenticator {
  constructor(
    private readonly clients: ClientRegistry,
    private readonly assertions: FederatedAssertions,
    private readonly index: RuleIndex,
    private readonly uses: CredentialUse,
    private readonly limits: AuthenticationThrottle,
  ) {}

  /** Throws InvalidClient, or TooManyFailures for a wrong signature while a limit is reached. */
  async authenticate(
    credential: AssertionCredential,
    parsed: Assertion | AssertionRefusal,
    origin: Origin,
  ): Promise<FederatedClient> {
    const { clientId } = credential;
    const registered = clientId !== undefined && (await this.clients.find(clientId)) !== undefined;
    const attempt = { clientId: clientId ?? subjectOf(parsed), address: origin.network, registered };
    return this.limits.run(attempt, () => this.check(credential, parsed, registered, origin));
  }

  private async check(
    credential: AssertionCredential,
    parsed: Assertion | AssertionRefusal,
    registered: boolean,
    origin: Origin,
  ): Promise<FederatedClient> {
    try {
      const verified = await this.assertions.verify(credential.type, parsed);
      // Before the other claims, so that a token for another server takes as long as one that fits no rule.
      const fitting = await this.fittingClients(verified, credential.clientId);
      this.assertions.assertMeant(verified, credential.audience.issuer);
      const client = onlyOne(fitting);
      await this.assertions.use(verified);
      const rule = fittingRule(client, verified);
      if (rule) this.uses.noteRule(client.id, rule, origin);
      return { client, identity: verified.identity };
    } catch (error) {
      if (!(error instanceof AssertionRefusal)) throw error;
      const Refused = error instanceof WrongSignature ? WrongCredential : InvalidClient;
      throw new Refused(`assertion: ${error.message}`, registered);
    }
  }

  private async fittingClients(
    verified: VerifiedAssertion,
    clientId: string | undefined,
  ): Promise<FittingClients> {
    const { issuer, identity } = verified;
    const ids = clientId === undefined ? await this.index.candidates(issuer.id, identity.sub) : [clientId];
    if (ids.length > MAX_CANDIDATES) return { clients: [], tooMany: true };
    const found = await Promise.all(ids.map((id) => this.clients.find(id)));
    const clients = found.flatMap((registered) => (registered ? [registered.client] : []));
    return { clients: clients.filter((client) => isFitting(client, verified)), tooMany: false };
  }
}

/** The clients that an assertion fits, unless there are too many to be compared. */
interface FittingClients {
  clients: readonly Client[];
  tooMany: boolean;
}

function onlyOne({ clients, tooMany }: FittingClients): Client {
  const [client, another] = clients.filter(isValid);
  if (another || tooMany) throw new AmbiguousClient();
  if (client) return client;
  const [invalid] = clients;
  throw new AssertionRefusal(
    (invalid && invalidityOf(invalid)) ?? 'it fits no rule of the client, or of any client',
  );
}

const fittingRule = (
  { federated }: Client,
  { issuer, claims }: VerifiedAssertion,
): FederatedRule | undefined =>
  federated?.find((rule) => rule.issuerId === issuer.id && fitsRule(rule, claims));

const isFitting = (client: Client, verified: VerifiedAssertion): boolean =>
  fittingRule(client, verified) !== undefined;
