import { Injectable } from '@nestjs/common';
import { InvalidClient } from '../../protocol/invalid-client.js';
import type { Client } from '../client.js';
import type { BasicHeader, SecretCredential } from '../client-credential.js';
import { ClientRegistry } from '../client-registry.js';
import { isValid } from '../client-validity.js';
import type { RegisteredClient, RegisteredSecret } from '../registered-client.js';
import type { Origin } from '../usage/last-use.js';
import { CredentialUse } from './credential-use.js';
import { refusalOf } from './method-refusal.js';
import { isLive, type PresentedSecret, textOf } from './presented-secret.js';
import { RememberedHeaders } from './remembered-headers.js';
import { SecretCheck } from './secret-check.js';
import { VerifiedSecrets } from './verified-secrets.js';

/** An endpoint's result for a client whose secret is valid; throws InvalidClient to reject it. */
export type Admission<T> = (client: Client, secretId: string) => T;

const asClient: Admission<Client> = (client) => client;

/**
 * Authenticates clients. For an unknown id, a wrong secret, a disabled or expired client or a wrong method the caller gets the same
 * response, after the same work. Only a wrong secret counts as a failure.
 */
@Injectable()
export class SecretAuthenticator {
  private readonly verified = new VerifiedSecrets();
  private readonly headers = new RememberedHeaders();

  constructor(
    private readonly clients: ClientRegistry,
    private readonly check: SecretCheck,
    private readonly uses: CredentialUse,
  ) {}

  /** Throws InvalidClient, or TooManyFailures where the secret could be guessed and wrong ones came too often. */
  authenticate(credential: SecretCredential, originOf: () => Origin): Client | Promise<Client> {
    return this.authenticateFor(credential, originOf, asClient);
  }

  /** The same for an endpoint that also rejects clients, or needs to know the secret. */
  authenticateFor<T>(
    credential: SecretCredential,
    originOf: () => Origin,
    admit: Admission<T>,
  ): T | Promise<T> {
    return this.identify(credential, undefined, originOf, admit);
  }

  /** The same for a Basic header, which is parsed only on a miss of the header cache. */
  authenticateHeader(basic: BasicHeader, originOf: () => Origin): Client | Promise<Client> {
    const known = this.fromHeaderCache(basic.header, originOf);
    return known instanceof Promise
      ? known.then((client) => this.acceptOrParse(client, basic, originOf))
      : this.acceptOrParse(known, basic, originOf);
  }

  private acceptOrParse(
    known: Client | undefined,
    { clientId, header, parse }: BasicHeader,
    originOf: () => Origin,
  ): Client | Promise<Client> {
    if (known && (clientId ?? known.id) === known.id) return known;
    return this.identify(parse(), header, originOf, asClient);
  }

  /** The client of a header that was verified before, unless its client or secret has changed in a way that rejects it. */
  private fromHeaderCache(
    header: string,
    originOf: () => Origin,
  ): Client | undefined | Promise<Client | undefined> {
    const cached = this.headers.find(header);
    if (!cached) return undefined;
    const registered = this.clients.find(cached.clientId);
    return registered instanceof Promise
      ? registered.then((found) => this.confirm(cached.secretId, found, originOf))
      : this.confirm(cached.secretId, registered, originOf);
  }

  private identify<T>(
    credential: SecretCredential,
    header: string | undefined,
    originOf: () => Origin,
    admit: Admission<T>,
  ): T | Promise<T> {
    const judge = (registered: RegisteredClient | undefined) => {
      const presented = this.present(credential, header, registered);
      const cached = this.cachedSecret(presented);
      return cached
        ? this.accept(presented, cached, originOf, admit)
        : this.check
            .run(presented, originOf().network, () => this.cachedSecret(presented))
            .then((secret) => this.accept(presented, secret, originOf, admit));
    };
    const registered = this.clients.find(credential.clientId);
    return registered instanceof Promise ? registered.then(judge) : judge(registered);
  }

  /** The work is the same for every client, known or not. */
  private present(
    credential: SecretCredential,
    header: string | undefined,
    registered: RegisteredClient | undefined,
  ): PresentedSecret {
    // That of a disabled or expired client is not compared, so nothing reveals whether it is right.
    const secrets = registered && isValid(registered.client) ? registered.secrets.filter(isLive) : [];
    const digest = this.verified.digestOf(textOf(credential, registered, secrets));
    return { ...credential, header, registered, secrets, digest };
  }

  /** For a secret that is right; throws InvalidClient if it has expired or the client may not use it here. */
  private accept<T>(
    presented: PresentedSecret,
    secret: RegisteredSecret,
    originOf: () => Origin,
    admit: Admission<T>,
  ): T {
    const { method, registered, secrets, digest, header } = presented;
    if (!registered || !isLive(secret)) throw new InvalidClient('the secret has expired', true);
    this.verified.add(digest, secrets.indexOf(secret));
    const { client } = registered;
    const refusal = refusalOf(client, method);
    if (refusal !== undefined) throw new InvalidClient(refusal, true);
    const admitted = admit(client, secret.id);
    this.uses.noteSecret(client.id, secret.id, originOf);
    if (header !== undefined) {
      this.headers.remember(header, { clientId: client.id, secretId: secret.id });
    }
    return admitted;
  }

  private confirm(
    secretId: string,
    registered: RegisteredClient | undefined,
    originOf: () => Origin,
  ): Client | undefined {
    if (!registered || refusalOf(registered.client, 'client_secret_basic') !== undefined) return undefined;
    const secret = registered.secrets.find(({ id }) => id === secretId);
    if (!secret || !isLive(secret)) return undefined;
    this.uses.noteSecret(registered.client.id, secretId, originOf);
    return registered.client;
  }

  /** The secret that this credential was verified against recently. */
  private cachedSecret({ digest, secrets }: PresentedSecret): RegisteredSecret | undefined {
    const position = this.verified.find(digest);
    return position === undefined ? undefined : secrets[position];
  }
}
