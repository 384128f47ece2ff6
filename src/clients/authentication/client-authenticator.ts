import { hash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { isMadeSecret } from '../../crypto/handle.js';
import { SecretHasher } from '../../crypto/secret-hasher.js';
import type { ClientAuthMethod } from '../../protocol/client-auth-method.js';
import { InvalidClient, WrongCredential } from '../../protocol/invalid-client.js';
import { AdmissionCache } from '../../runtime/admission-cache.js';
import { nowMilliseconds } from '../../runtime/clock.js';
import type { Client } from '../client.js';
import { ClientRegistry } from '../client-registry.js';
import type { RegisteredClient, RegisteredSecret } from '../registered-client.js';
import { AuthenticationThrottle } from './authentication-throttle.js';
import { SecretUse } from './secret-use.js';
import { VerifiedSecrets } from './verified-secrets.js';
import { WrongSecrets } from './wrong-secrets.js';

/** A secret that a client presented, and how (RFC 6749 2.3.1). */
export interface SecretCredential {
  method: Exclude<ClientAuthMethod, 'private_key_jwt'>;
  clientId: string;
  clientSecret: string;
  /** The same secret as it was sent, without form-decoding. */
  secretAsSent?: string;
  /** The Authorization header as it was sent, by which the credential is recognised without parsing. */
  header?: string;
}

/** A credential with its client, which is loaded once per request. */
export interface PresentedSecret extends SecretCredential {
  registered: RegisteredClient | undefined;
  /** The client's secrets that have not expired. */
  secrets: readonly RegisteredSecret[];
  digest: Buffer;
}

/** On a miss, the header is parsed and the secret found among the verified ones. */
const MAX_HEADERS = 10_000;
const HEADER_TTL_MS = 10 * 60 * 1000;
const MAX_SECRET_CHARACTERS = 255;

/** Why an endpoint rejects a client whose credential is valid; undefined if it accepts it. */
export type Refusal = (client: Client) => string | undefined;

/**
 * Authenticates clients. For an unknown id, a wrong secret, a disabled client or a wrong method the caller gets the same
 * response, after the same work. Only a wrong secret counts as a failure.
 */
@Injectable()
export class ClientAuthenticator {
  private readonly verified = new VerifiedSecrets();
  private readonly wrong = new WrongSecrets();
  /** The client and the secret of an Authorization header, by a keyed hash of the whole header. */
  private readonly headers = new AdmissionCache<{ clientId: string; secretId: string }>({
    max: MAX_HEADERS,
    ttl: HEADER_TTL_MS,
  });
  private readonly headerKey = randomBytes(32).toString('base64url');

  constructor(
    private readonly clients: ClientRegistry,
    private readonly hasher: SecretHasher,
    private readonly uses: SecretUse,
    private readonly limits: AuthenticationThrottle,
  ) {}

  /** The work is the same for every client, registered or not. */
  async load(credential: SecretCredential): Promise<PresentedSecret> {
    const registered = await this.clients.find(credential.clientId);
    const secrets = (registered?.secrets ?? []).filter(isLive);
    const digest = this.verified.digestOf(textOf(credential, registered, secrets));
    return { ...credential, registered, secrets, digest };
  }

  /** Throws InvalidClient, or TooManyFailures for a guessable secret while a limit is reached. */
  async authenticate(
    presented: PresentedSecret,
    address: string,
    refusalAtEndpoint: Refusal = () => undefined,
  ): Promise<Client> {
    const { method, registered, secrets, digest } = presented;
    const secret = this.cachedSecret(presented) ?? (await this.check(presented, address));
    if (!registered || !isLive(secret)) throw new InvalidClient('the secret has expired', true);
    this.verified.add(digest, secrets.indexOf(secret));
    const { client } = registered;
    const refusal = refusalOf(client, method) ?? refusalAtEndpoint(client);
    if (refusal !== undefined) throw new InvalidClient(refusal, true);
    return this.accept(client, secret, presented);
  }

  /**
   * The client of a recently verified credential, if it is still valid; otherwise undefined, and the credential must be
   * authenticated.
   */
  fromVerifiedCache(presented: PresentedSecret): Client | undefined {
    const { method, registered, digest, secrets } = presented;
    const secret = this.cachedSecret(presented);
    if (!registered || !secret || refusalOf(registered.client, method) !== undefined) return undefined;
    this.verified.add(digest, secrets.indexOf(secret));
    return this.accept(registered.client, secret, presented);
  }

  /**
   * The client of a recently verified Basic header, if it is still valid; otherwise undefined, and the header must be
   * parsed.
   */
  fromHeaderCache(header: string): Client | undefined | Promise<Client | undefined> {
    const cached = this.headers.get(this.headerDigest(header));
    if (!cached) return undefined;
    const registered = this.clients.find(cached.clientId);
    return registered instanceof Promise
      ? registered.then((found) => this.confirm(cached.secretId, found))
      : this.confirm(cached.secretId, registered);
  }

  private confirm(secretId: string, registered: RegisteredClient | undefined): Client | undefined {
    if (!registered || refusalOf(registered.client, 'client_secret_basic') !== undefined) return undefined;
    const secret = registered.secrets.find(({ id }) => id === secretId);
    if (!secret || !isLive(secret)) return undefined;
    this.uses.note(secretId);
    return registered.client;
  }

  private accept(client: Client, secret: RegisteredSecret, { header }: SecretCredential): Client {
    this.uses.note(secret.id);
    if (header !== undefined) {
      this.headers.set(this.headerDigest(header), { clientId: client.id, secretId: secret.id });
    }
    return client;
  }

  /** The secret that this credential was recently verified against. */
  private cachedSecret({ digest, secrets }: PresentedSecret): RegisteredSecret | undefined {
    const position = this.verified.find(digest);
    return position === undefined ? undefined : secrets[position];
  }

  /** Finds the matching secret; throws WrongCredential or TooManyFailures. */
  private async check(presented: PresentedSecret, address: string): Promise<RegisteredSecret> {
    const { clientId, clientSecret, registered, digest } = presented;
    const attempt = { clientId, address, registered: registered !== undefined };
    if (isMadeSecret(clientSecret)) return this.limits.run(attempt, () => this.verify(presented));
    const repeats = this.wrong.repeat(digest, address);
    if (repeats) {
      this.limits.assertNotRepeated(attempt, repeats);
      throw wrongSecret(presented);
    }
    const guess = this.hasher.fingerprint(`${address}\0${textOf(presented, registered, presented.secrets)}`);
    return this.limits.runGuess(attempt, guess, () => this.verifyGuess(presented, address));
  }

  /** The same secret may have been checked while this request waited: then it is neither hashed nor counted again. */
  private async verifyGuess(presented: PresentedSecret, address: string): Promise<RegisteredSecret> {
    const cached = this.cachedSecret(presented);
    if (cached) return cached;
    if (this.wrong.has(presented.digest, address))
      throw new InvalidClient('wrong secret', presented.registered !== undefined);
    try {
      return await this.verify(presented);
    } catch (error) {
      if (!(error instanceof WrongCredential) || this.wrong.add(presented.digest, address)) throw error;
      throw new InvalidClient(error.explanation, error.registered);
    }
  }

  private async verify(presented: PresentedSecret): Promise<RegisteredSecret> {
    for (const reading of readingsOf(presented)) {
      if ([...reading].length > MAX_SECRET_CHARACTERS) continue;
      const secret = await this.hasher.find(reading, presented.secrets);
      if (secret) return secret;
    }
    throw wrongSecret(presented);
  }

  /** A key prefix is safe with SHA-256 here: no digest leaves the process, so length extension is not possible. */
  private headerDigest(header: string): string {
    return hash('sha256', this.headerKey + header, 'hex');
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

const wrongSecret = ({ registered, secrets }: PresentedSecret): WrongCredential => {
  const cause = secrets.length > 0 ? 'wrong secret' : 'the client has no secret that is valid now';
  return new WrongCredential(registered ? cause : 'unknown client', registered !== undefined);
};

/** Why a client may not authenticate by this method now; undefined if it may. */
function refusalOf(
  { active, tokenEndpointAuthMethod: only }: Client,
  method: ClientAuthMethod,
): string | undefined {
  if (!active) return 'the client is disabled';
  return only === null || only === method
    ? undefined
    : `the client must authenticate with ${only}, not ${method}`;
}

const isLive = ({ expiresAt }: RegisteredSecret): boolean =>
  expiresAt === null || expiresAt > nowMilliseconds();
