import { hash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { nowMilliseconds } from '../crypto/clock.js';
import { SecretHasher } from '../crypto/secret-hasher.js';
import { SteadyCache } from '../database/steady-cache.js';
import type { ClientAuthMethod } from '../protocol/client-auth-method.js';
import { invalidClient } from '../protocol/oauth-error.js';
import type { Client } from './client.js';
import { ClientRegistry } from './client-registry.js';
import { FailureLimits } from './failure-limits.js';
import type { RegisteredClient, RegisteredSecret } from './registered-client.js';
import { SecretUse } from './secret-use.js';
import { VerifiedSecrets } from './verified-secrets.js';

/** A secret that a client presented, and how (RFC 6749 2.3.1). */
export interface SecretCredential {
  method: Exclude<ClientAuthMethod, 'private_key_jwt'>;
  clientId: string;
  clientSecret: string;
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
const MOST_HEADERS = 10_000;
const RECOGNISED_MILLISECONDS = 10 * 60 * 1000;
const LONGEST_SECRET = 255;

/**
 * Says which client a credential belongs to. Unknown id, wrong secret, disabled client and wrong method are one
 * refusal, after the same work.
 */
@Injectable()
export class ClientAuthenticator {
  private readonly verified = new VerifiedSecrets();
  /** The client and the secret that an Authorization header stood for, under a keyed hash of the whole header. */
  private readonly headers = new SteadyCache<{ clientId: string; secretId: string }>({
    max: MOST_HEADERS,
    ttl: RECOGNISED_MILLISECONDS,
  });
  private readonly headerKey = randomBytes(32).toString('base64url');

  constructor(
    private readonly clients: ClientRegistry,
    private readonly hasher: SecretHasher,
    private readonly uses: SecretUse,
    private readonly limits: FailureLimits,
  ) {}

  /** The work is the same for every client, known or not. */
  async look(credential: SecretCredential): Promise<PresentedSecret> {
    const registered = await this.clients.find(credential.clientId);
    const secrets = (registered?.secrets ?? []).filter(isLive);
    const digest = this.verified.digestOf(textOf(credential, registered, secrets));
    return { ...credential, registered, secrets, digest };
  }

  /**
   * Throws invalid_client, or TooManyRequests where that has happened too often. `serves` tells what else the door
   * demands of the client: a client that it does not serve is one more failure.
   */
  async authenticate(
    presented: PresentedSecret,
    address: string,
    serves: (client: Client) => boolean = () => true,
  ): Promise<Client> {
    const { clientId, method, registered, secrets, digest } = presented;
    const attempt = { clientId, address, isRegistered: () => registered !== undefined };
    return this.limits.run(attempt, this.known(presented) !== undefined, async () => {
      // Again, because the same credential may have been verified while this one waited.
      const secret = this.known(presented) ?? (await this.verify(presented));
      if (!registered || !secret || !isLive(secret)) throw invalidClient();
      const { client } = registered;
      if (!mayAuthenticate(client, method)) throw invalidClient();
      this.verified.add(digest, secrets.indexOf(secret));
      if (!serves(client)) throw invalidClient();
      return this.admitted(client, secret, presented);
    });
  }

  /**
   * The client whose credential this is, where it was found right lately and nothing speaks against it now; else
   * nothing, and it must be authenticated. Throws TooManyRequests.
   */
  recall(presented: PresentedSecret, address: string): Client | undefined {
    const { clientId, method, registered } = presented;
    const secret = this.known(presented);
    if (!registered || !secret || !mayAuthenticate(registered.client, method)) return undefined;
    this.limits.refuseVerified(clientId, address);
    return this.admitted(registered.client, secret, presented);
  }

  /**
   * The client whose Basic header this is, where exactly this header was read and found right before, and nothing of
   * the client speaks against it now; else nothing, and the header must be read. Throws TooManyRequests.
   */
  recognise(header: string, address: string): Client | undefined | Promise<Client | undefined> {
    const known = this.headers.get(this.headerDigest(header));
    if (!known) return undefined;
    this.limits.refuseVerified(known.clientId, address);
    const registered = this.clients.find(known.clientId);
    return registered instanceof Promise
      ? registered.then((found) => this.confirm(known.secretId, found))
      : this.confirm(known.secretId, registered);
  }

  private confirm(secretId: string, registered: RegisteredClient | undefined): Client | undefined {
    if (!registered || !mayAuthenticate(registered.client, 'client_secret_basic')) return undefined;
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

  private async verify({ clientSecret, secrets }: PresentedSecret): Promise<RegisteredSecret | undefined> {
    if ([...clientSecret].length > LONGEST_SECRET) return undefined;
    return this.hasher.find(clientSecret, secrets);
  }

  private headerDigest(header: string): string {
    return hash('sha3-256', this.headerKey + header, 'base64url');
  }
}

/** What a verified secret is remembered by: a change of the client, or the end of one of its secrets, makes it worthless. */
function textOf(
  { method, clientId, clientSecret }: SecretCredential,
  registered: RegisteredClient | undefined,
  secrets: readonly RegisteredSecret[],
): string {
  const checkedAgainst = [registered?.client.version, ...secrets.map(({ id }) => id)];
  return `${method}\0${clientId}\0${clientSecret}\0${checkedAgainst.join(' ')}`;
}

const mayAuthenticate = ({ active, tokenEndpointAuthMethod: only }: Client, method: ClientAuthMethod) =>
  active && (only === null || only === method);

const isLive = ({ expiresAt }: RegisteredSecret): boolean =>
  expiresAt === null || expiresAt > nowMilliseconds();
