import { Injectable } from '@nestjs/common';
import { SecretAuthenticator } from './authentication/secret-authenticator.js';
import type { Client } from './client.js';
import type { ClientCredential } from './client-credential.js';
import { AssertionAuthenticator } from './private-key-jwt/assertion-authenticator.js';

/** Authenticates a client by whatever credential it presents; caches, throttle and checks stay behind this call. */
@Injectable()
export class ClientAuthenticator {
  constructor(
    private readonly secrets: SecretAuthenticator,
    private readonly assertions: AssertionAuthenticator,
  ) {}

  /**
   * Throws InvalidClient or TooManyFailures. Without a promise where the credential was verified lately; then the
   * address is not determined.
   */
  authenticate(credential: ClientCredential, addressOf: () => string): Client | Promise<Client> {
    if ('assertion' in credential) return this.assertions.authenticate(credential, addressOf());
    if ('parse' in credential) return this.secrets.authenticateHeader(credential, addressOf);
    return this.secrets.authenticate(credential, addressOf());
  }
}
