import { hash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { nowMilliseconds } from '../crypto/clock.js';
import { SecretHasher } from '../crypto/secret-hasher.js';
import type { ClientAuthMethod } from '../protocol/client-auth-method.js';
import { invalidClient } from '../protocol/oauth-error.js';
import type { Client } from './client.js';
import { ClientRegistry } from './client-registry.js';
import type { ClientSecret } from './client-secret.entity.js';
import { FailureLimits } from './failure-limits.js';
import type { RegisteredClient } from './registered-client.js';
import { SecretUse } from './secret-use.js';

/** A secret that a client presented, and how (RFC 6749 2.3.1). */
export interface SecretCredential {
  method: Exclude<ClientAuthMethod, 'private_key_jwt'>;
  clientId: string;
  clientSecret: string;
  /** The Authorization header as it was sent: when it comes again it is known without being read. */
  header?: string;
}

const MOST_VERIFIED = 50_000;
/** Fewer: what is not recognised is read again, and found among those. */
const MOST_HEADERS = 20_000;
const VERIFIED_MILLISECONDS = 10 * 60 * 1000;
const LONGEST_SECRET = 255;

/**
 * Says which client a credential belongs to. Unknown id, wrong secret, disabled client and wrong method are one
 * refusal, after the same work.
 */
@Injectable()
export class ClientAuthenticator {
  /** Which secret of which version of a client a presented one was; a change of the client makes it worthless. */
  private readonly verified = new LRUCache<string, string>({
    max: MOST_VERIFIED,
    ttl: VERIFIED_MILLISECONDS,
  });
  /** The client and the secret that an Authorization header stood for, under a keyed hash of the whole header. */
  private readonly headers = new LRUCache<string, { clientId: string; secretId: string }>({
    max: MOST_HEADERS,
    ttl: VERIFIED_MILLISECONDS,
  });
  private readonly cacheKey = randomBytes(32).toString('base64url');

  constructor(
    private readonly clients: ClientRegistry,
    private readonly hasher: SecretHasher,
    private readonly uses: SecretUse,
    private readonly limits: FailureLimits,
  ) {}

  /**
   * Throws invalid_client, or TooManyRequests where that has happened too often. `serves` tells what else the door
   * demands of the client: a client that it does not serve is one more failure.
   */
  async authenticate(
    credential: SecretCredential,
    address: string,
    serves: (client: Client) => boolean = () => true,
  ): Promise<Client> {
    const { clientId, method, header } = credential;
    const registered = await this.clients.find(clientId);
    const attempt = { clientId, address, registered: registered !== undefined };
    const key = this.keyOf(credential);
    const verified = this.remembered(key, registered) !== undefined;
    return this.limits.run(attempt, verified, async () => {
      // Again, because the same credential may have been verified while this one waited.
      const secret = this.remembered(key, registered) ?? (await this.verify(credential, registered));
      if (!registered || !secret) throw invalidClient();
      const { client } = registered;
      if (!mayAuthenticate(client, method)) throw invalidClient();
      this.verified.set(key, markOf(secret, registered));
      if (!serves(client)) throw invalidClient();
      this.uses.note(secret.id);
      if (header !== undefined) {
        this.headers.set(this.keyed(header), { clientId: client.id, secretId: secret.id });
      }
      return client;
    });
  }

  /**
   * The client whose Basic header this is, where exactly this header was read and found right before, and nothing of
   * the client speaks against it now; else nothing, and the header must be read. Throws TooManyRequests.
   */
  recognise(header: string, address: string): Client | undefined | Promise<Client | undefined> {
    const known = this.headers.get(this.keyed(header));
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

  private remembered(key: string, registered: RegisteredClient | undefined): ClientSecret | undefined {
    const known = registered && this.verified.get(key);
    if (known === undefined) return undefined;
    return registered?.secrets.find((secret) => isLive(secret) && known === markOf(secret, registered));
  }

  private async verify(
    { clientSecret }: SecretCredential,
    registered: RegisteredClient | undefined,
  ): Promise<ClientSecret | undefined> {
    if ([...clientSecret].length > LONGEST_SECRET) return undefined;
    return this.hasher.find(clientSecret, (registered?.secrets ?? []).filter(isLive));
  }

  private keyOf({ method, clientId, clientSecret }: SecretCredential): string {
    return this.keyed(`${method}\0${clientId}\0${clientSecret}`);
  }

  /** SHA-3 takes its key in front of the text (as KMAC does) and is done in one call; HMAC costs three times as much. */
  private keyed(text: string): string {
    return hash('sha3-256', this.cacheKey + text, 'base64url');
  }
}

const markOf = (secret: ClientSecret, { client }: RegisteredClient): string =>
  `${secret.id} ${client.version}`;

const mayAuthenticate = ({ active, tokenEndpointAuthMethod: only }: Client, method: ClientAuthMethod) =>
  active && (only === null || only === method);

const isLive = ({ expiresAt }: ClientSecret): boolean => expiresAt === null || expiresAt > nowMilliseconds();
