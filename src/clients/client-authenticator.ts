import { Injectable } from '@nestjs/common';
import { JWT_SPIFFE } from '../protocol/client-assertion.js';
import { isId } from '../protocol/identifier.js';
import { SecretAuthenticator } from './authentication/secret-authenticator.js';
import type { Client } from './client.js';
import type { BasicHeader, SecretCredential } from './client-credential.js';
import { FederatedAuthenticator } from './federation/federated-authenticator.js';
import type { AssertionIdentity } from './federation/trusted-issuer.js';
import { type Assertion, parseAssertion } from './private-key-jwt/assertion.js';
import {
  AssertionAuthenticator,
  type AssertionCredential,
} from './private-key-jwt/assertion-authenticator.js';
import { AssertionRefusal } from './private-key-jwt/assertion-refusal.js';
import type { Origin } from './usage/last-use.js';

/** A client that presented an assertion; `identity` if a trusted issuer has signed it. */
export interface AssertingClient {
  client: Client;
  identity?: AssertionIdentity;
}

/** Authenticates a client by whatever credential it presents; caches, throttle and checks stay behind these calls. */
@Injectable()
export class ClientAuthenticator {
  constructor(
    private readonly secrets: SecretAuthenticator,
    private readonly assertions: AssertionAuthenticator,
    private readonly federated: FederatedAuthenticator,
  ) {}

  /**
   * Throws InvalidClient or TooManyFailures. Without a promise where the credential was verified lately; then its
   * origin may not be determined.
   */
  authenticate(credential: SecretCredential | BasicHeader, originOf: () => Origin): Client | Promise<Client> {
    if ('parse' in credential) return this.secrets.authenticateHeader(credential, originOf);
    return this.secrets.authenticate(credential, originOf);
  }

  /** Throws InvalidClient or TooManyFailures. */
  async authenticateAssertion(credential: AssertionCredential, origin: Origin): Promise<AssertingClient> {
    const { type, assertion } = credential;
    const parsed = parseAssertion(assertion, type);
    const isOwn = type !== JWT_SPIFFE && !(parsed instanceof AssertionRefusal) && signsForItself(parsed);
    return isOwn
      ? { client: await this.assertions.authenticate(credential, parsed, origin) }
      : this.federated.authenticate(credential, parsed, origin);
  }
}

/** A client is the issuer of its own assertions (RFC 7523 3); a trusted issuer has no name that a client can have. */
const signsForItself = ({ claims: { iss } }: Assertion): boolean => iss === undefined || isId(iss);
