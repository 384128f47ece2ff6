import { Injectable } from '@nestjs/common';
import { isMadeSecret } from '../../crypto/handle.js';
import { SecretHasher } from '../../crypto/secret-hasher.js';
import { InvalidClient, WrongCredential } from '../../protocol/invalid-client.js';
import { nowMilliseconds } from '../../runtime/clock.js';
import type { Client } from '../client.js';
import type { BasicHeader, SecretCredential } from '../client-credential.js';
import { ClientRegistry } from '../client-registry.js';
import { invalidityOf, isValid } from '../client-validity.js';
import type { RegisteredClient, RegisteredSecret } from '../registered-client.js';
import type { Origin } from '../usage/last-use.js';
import { AcceptedSecrets } from './accepted-secrets.js';
import { AuthenticationThrottle } from './authentication-throttle.js';
import { CredentialUse } from './credential-use.js';
import { ImportedSecrets } from './imported-secrets.js';
import { refusalOf } from './method-refusal.js';
import { RememberedHeaders } from './remembered-headers.js';
import { VerifiedSecrets } from './verified-secrets.js';
import { WrongSecrets } from './wrong-secrets.js';

/** A credential with its client, which is loaded once per request. */
interface PresentedSecret extends SecretCredential {
  /** The Authorization header it was sent in, if the header is to be cached. */
  header: string | undefined;
  registered: RegisteredClient | undefined;
  /** The client's secrets that have not expired. */
  secrets: readonly RegisteredSecret[];
  digest: Buffer;
}

const MAX_SECRET_CHARACTERS = 255;

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
  private readonly wrong = new WrongSecrets();
  private readonly headers = new RememberedHeaders();

  constructor(
    private readonly clients: ClientRegistry,
    private readonly hasher: SecretHasher,
    private readonly uses: CredentialUse,
    private readonly limits: AuthenticationThrottle,
    private readonly accepted: AcceptedSecrets,
    private readonly imported: ImportedSecrets,
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
        : this.check(presented, originOf().network).then((secret) =>
            this.accept(presented, secret, originOf, admit),
          );
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

  /** The secret that this process itself has stored or found in the settings. */
  private acceptedSecret(presented: PresentedSecret): RegisteredSecret | undefined {
    const readings = readingsOf(presented);
    return presented.secrets.find(({ id }) => readings.some((reading) => this.accepted.has(id, reading)));
  }

  /** Finds the matching secret; throws WrongCredential or TooManyFailures. */
  private async check(presented: PresentedSecret, address: string): Promise<RegisteredSecret> {
    const { clientId, clientSecret, registered, digest } = presented;
    const attempt = { clientId, address, registered: registered !== undefined };
    if (isMadeSecret(clientSecret)) return this.limits.run(attempt, () => this.verify(presented, address));
    const repeats = this.wrong.repeat(digest, address);
    if (repeats) {
      this.limits.assertNotRepeated(attempt, repeats);
      throw wrongSecret(presented);
    }
    // Only where a slow hash follows, so that its time does not tell a registered id from an unknown one.
    const accepted = this.acceptedSecret(presented);
    if (accepted) return accepted;
    const guess = this.hasher.fingerprint(`${address}\0${textOf(presented, registered, presented.secrets)}`);
    const plausible = readingsOf(presented).some(isShortEnough);
    return this.limits.runGuess(attempt, guess, plausible, () => this.verifyGuess(presented, address));
  }

  /** The same secret may have been checked while this request waited: then it is neither hashed nor counted again. */
  private async verifyGuess(presented: PresentedSecret, address: string): Promise<RegisteredSecret> {
    const cached = this.cachedSecret(presented);
    if (cached) return cached;
    if (this.wrong.has(presented.digest, address))
      throw new InvalidClient('wrong secret', presented.registered !== undefined);
    try {
      return await this.verify(presented, address);
    } catch (error) {
      if (!(error instanceof WrongCredential) || this.wrong.add(presented.digest, address)) throw error;
      throw new InvalidClient(error.explanation, error.registered);
    }
  }

  private async verify(presented: PresentedSecret, address: string): Promise<RegisteredSecret> {
    for (const reading of readingsOf(presented)) {
      if (!isShortEnough(reading)) continue;
      const secret = await this.hasher.find(reading, presented.secrets, address);
      if (!secret) continue;
      await this.imported.adopt(presented.clientId, secret, reading);
      return secret;
    }
    throw wrongSecret(presented);
  }
}

/**
 * The cache key of a credential, for every method. It contains the version of the client and the ids of its live secrets,
 * so that any change of them invalidates the entry.
 */
function textOf(
  { clientId, clientSecret, secretAsSent }: SecretCredential,
  registered: RegisteredClient | undefined,
  secrets: readonly RegisteredSecret[],
): string {
  const checkedAgainst = [registered?.client.version, ...secrets.map(({ id }) => id)];
  return JSON.stringify([clientId, clientSecret, secretAsSent, checkedAgainst]);
}

/** A generated secret has one reading: form-decoding changes none of its characters. */
const readingsOf = ({ clientSecret, secretAsSent }: SecretCredential): string[] =>
  secretAsSent === undefined || isMadeSecret(clientSecret) ? [clientSecret] : [clientSecret, secretAsSent];

const isShortEnough = (reading: string): boolean => [...reading].length <= MAX_SECRET_CHARACTERS;

const wrongSecret = ({ registered, secrets }: PresentedSecret): WrongCredential => {
  const cause = secrets.length > 0 ? 'wrong secret' : 'the client has no secret that is valid now';
  if (!registered) return new WrongCredential('unknown client', false);
  return new WrongCredential(invalidityOf(registered.client) ?? cause, true);
};

const isLive = ({ expiresAt }: RegisteredSecret): boolean =>
  expiresAt === null || expiresAt > nowMilliseconds();
