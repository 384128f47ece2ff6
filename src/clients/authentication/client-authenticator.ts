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
  /** A second reading of the same secret: as it was sent, without form-decoding. */
  secretAsSent?: string;
  /** The Authorization header as it was sent: when it comes again it is known without being read. */
  header?: string;
}

/** A credential, and what its client is at this moment: looked up once, however often it is asked about. */
export interface PresentedSecret extends SecretCredential {
  registered: RegisteredClient | undefined;
  /** Those of the client's secrets that have not ended. */
  secrets: readonly RegisteredSecret[];
  digest: Buffer;
}

/** What is not recognised is read again, and found among the verified secrets. */
const MAX_HEADERS = 10_000;
const RECOGNISED_MILLISECONDS = 10 * 60 * 1000;
const MAX_SECRET_CHARACTERS = 255;

/** Why an endpoint does not serve a client whose credential is right; nothing where it does. */
export type Refusal = (client: Client) => string | undefined;

/**
 * Says which client a credential belongs to. Unknown id, wrong secret, disabled client and wrong method are one
 * refusal for the caller, after the same work. Only a secret that does not fit counts as a failure.
 */
@Injectable()
export class ClientAuthenticator {
  private readonly verified = new VerifiedSecrets();
  private readonly wrong = new WrongSecrets();
  /** The client and the secret that an Authorization header stood for, under a keyed hash of the whole header. */
  private readonly headers = new AdmissionCache<{ clientId: string; secretId: string }>({
    max: MAX_HEADERS,
    ttl: RECOGNISED_MILLISECONDS,
  });
  private readonly headerKey = randomBytes(32).toString('base64url');

  constructor(
    private readonly clients: ClientRegistry,
    private readonly hasher: SecretHasher,
    private readonly uses: SecretUse,
    private readonly limits: AuthenticationThrottle,
  ) {}

  /** The work is the same for every client, known or not. */
  async look(credential: SecretCredential): Promise<PresentedSecret> {
    const registered = await this.clients.find(credential.clientId);
    const secrets = (registered?.secrets ?? []).filter(isLive);
    const digest = this.verified.digestOf(textOf(credential, registered, secrets));
    return { ...credential, registered, secrets, digest };
  }

  /** Throws InvalidClient, or TooManyFailures where the secret could be guessed and wrong ones came too often. */
  async authenticate(
    presented: PresentedSecret,
    address: string,
    refusalAtEndpoint: Refusal = () => undefined,
  ): Promise<Client> {
    const { method, registered, secrets, digest } = presented;
    const secret = this.known(presented) ?? (await this.check(presented, address));
    if (!registered || !isLive(secret)) throw new InvalidClient('the secret has expired', true);
    this.verified.add(digest, secrets.indexOf(secret));
    const { client } = registered;
    const refusal = refusalOf(client, method) ?? refusalAtEndpoint(client);
    if (refusal !== undefined) throw new InvalidClient(refusal, true);
    return this.admitted(client, secret, presented);
  }

  /**
   * The client whose credential this is, where it was found right lately and nothing speaks against it now; else
   * nothing, and it must be authenticated.
   */
  recall(presented: PresentedSecret): Client | undefined {
    const { method, registered, digest, secrets } = presented;
    const secret = this.known(presented);
    if (!registered || !secret || refusalOf(registered.client, method) !== undefined) return undefined;
    this.verified.add(digest, secrets.indexOf(secret));
    return this.admitted(registered.client, secret, presented);
  }

  /**
   * The client whose Basic header this is, where exactly this header was read and found right before, and nothing of
   * the client speaks against it now; else nothing, and the header must be read.
   */
  recognise(header: string): Client | undefined | Promise<Client | undefined> {
    const known = this.headers.get(this.headerDigest(header));
    if (!known) return undefined;
    const registered = this.clients.find(known.clientId);
    return registered instanceof Promise
      ? registered.then((found) => this.confirm(known.secretId, found))
      : this.confirm(known.secretId, registered);
  }

  private confirm(secretId: string, registered: RegisteredClient | undefined): Client | undefined {
    if (!registered || refusalOf(registered.client, 'client_secret_basic') !== undefined) return undefined;
    const secret = registered.secrets.find(({ id }) => id === secretId);
    if (!secret || !isLive(secret)) return undefined;
    this.uses.note(secretId);
    return registered.client;
  }

  private admitted(client: Client, secret: RegisteredSecret, { header }: SecretCredential): Client {
    this.uses.note(secret.id);
    if (header !== undefined) {
      this.headers.set(this.headerDigest(header), { clientId: client.id, secretId: secret.id });
    }
    return client;
  }

  /** The secret that this was found to be lately. */
  private known({ digest, secrets }: PresentedSecret): RegisteredSecret | undefined {
    const position = this.verified.find(digest);
    return position === undefined ? undefined : secrets[position];
  }

  /** The secret that this is; throws WrongCredential or TooManyFailures. */
  private async check(presented: PresentedSecret, address: string): Promise<RegisteredSecret> {
    const { clientId, clientSecret, registered, digest } = presented;
    const attempt = { clientId, address, registered: registered !== undefined };
    if (isMadeSecret(clientSecret)) return this.limits.run(attempt, () => this.verify(presented));
    const repeats = this.wrong.repeat(digest, address);
    if (repeats) {
      this.limits.refuseRepeated(attempt, repeats);
      throw wrongSecret(presented);
    }
    const guess = this.hasher.fingerprint(`${address}\0${textOf(presented, registered, presented.secrets)}`);
    return this.limits.runGuess(attempt, guess, () => this.verifyGuess(presented, address));
  }

  /** The same secret may have been judged while this request waited: then it is not hashed, and not counted, again. */
  private async verifyGuess(presented: PresentedSecret, address: string): Promise<RegisteredSecret> {
    const known = this.known(presented);
    if (known) return known;
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

  /** No digest leaves the process, so that the key in front of SHA-256 cannot be put to use by extending one. */
  private headerDigest(header: string): string {
    return hash('sha256', this.headerKey + header, 'hex');
  }
}

/**
 * What a secret is remembered by, whichever method presents it: a change of the client, or the end of one of its secrets,
 * makes it worthless.
 */
function textOf(
  { clientId, clientSecret, secretAsSent }: SecretCredential,
  registered: RegisteredClient | undefined,
  secrets: readonly RegisteredSecret[],
): string {
  const checkedAgainst = [registered?.client.version, ...secrets.map(({ id }) => id)];
  return JSON.stringify([clientId, clientSecret, secretAsSent, checkedAgainst]);
}

/** A made secret has one reading: no character of it is changed by form-decoding. */
const readingsOf = ({ clientSecret, secretAsSent }: SecretCredential): string[] =>
  secretAsSent === undefined || isMadeSecret(clientSecret) ? [clientSecret] : [clientSecret, secretAsSent];

const wrongSecret = ({ registered, secrets }: PresentedSecret): WrongCredential => {
  const cause = secrets.length > 0 ? 'wrong secret' : 'the client has no secret that is valid now';
  return new WrongCredential(registered ? cause : 'unknown client', registered !== undefined);
};

/** Why a client may not authenticate by this method at this moment; nothing where it may. */
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
