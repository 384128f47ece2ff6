import { createHmac, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { nowMilliseconds } from '../crypto/clock.js';
import { isMadeSecret } from '../crypto/handle.js';
import { SecretHasher } from '../crypto/secret-hasher.js';
import type { ClientAuthMethod } from '../protocol/client-auth-method.js';
import { invalidClient } from '../protocol/oauth-error.js';
import type { Client } from './client.js';
import { ClientRegistry, type RegisteredClient } from './client-registry.js';
import type { ClientSecret } from './client-secret.entity.js';
import { SecretUse } from './secret-use.js';

/** A secret that a client presented, and how (RFC 6749 2.3.1). */
export interface SecretCredential {
  method: Exclude<ClientAuthMethod, 'private_key_jwt'>;
  clientId: string;
  clientSecret: string;
  /** The Authorization header as it was sent: when it comes again it is known without being read. */
  header?: string;
}

const MOST_VERIFIED = 10_000;
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
    max: MOST_VERIFIED,
    ttl: VERIFIED_MILLISECONDS,
  });
  private readonly cacheKey = randomBytes(32);

  constructor(
    private readonly clients: ClientRegistry,
    private readonly hasher: SecretHasher,
    private readonly uses: SecretUse,
  ) {}

  /** Throws invalid_client. */
  async authenticate(credential: SecretCredential): Promise<Client> {
    const registered = await this.clients.find(credential.clientId);
    const secret = await this.findSecret(credential, registered);
    if (!registered || !secret) throw invalidClient();
    const { client } = registered;
    if (!mayAuthenticate(client, credential.method)) throw invalidClient();
    this.uses.note(secret.id);
    if (credential.header !== undefined) {
      this.headers.set(this.keyed(credential.header), { clientId: client.id, secretId: secret.id });
    }
    return client;
  }

  /**
   * The client whose Basic header this is, where exactly this header was read and found right before, and nothing of
   * the client speaks against it now; else nothing, and the header must be read.
   */
  recognise(header: string): Client | undefined | Promise<Client | undefined> {
    const known = this.headers.get(this.keyed(header));
    if (!known) return undefined;
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

  private async findSecret(
    { clientId, clientSecret }: SecretCredential,
    registered: RegisteredClient | undefined,
  ): Promise<ClientSecret | undefined> {
    if ([...clientSecret].length > LONGEST_SECRET) return undefined;
    const live = (registered?.secrets ?? []).filter(isLive);
    if (isMadeSecret(clientSecret)) return this.hasher.find(clientSecret, live);
    const key = this.keyed(`${clientId}\0${clientSecret}`);
    const known = this.verified.get(key);
    const remembered = live.find((secret) => known === this.markOf(secret, registered));
    if (remembered) return remembered;
    const secret = await this.hasher.find(clientSecret, live);
    if (secret && registered?.client.active) this.verified.set(key, this.markOf(secret, registered));
    return secret;
  }

  private keyed(text: string): string {
    return createHmac('sha256', this.cacheKey).update(text).digest('base64url');
  }

  private markOf(secret: ClientSecret, registered: RegisteredClient | undefined): string {
    return `${secret.id} ${registered?.client.version}`;
  }
}

const mayAuthenticate = ({ active, tokenEndpointAuthMethod: only }: Client, method: ClientAuthMethod) =>
  active && (only === null || only === method);

const isLive = ({ expiresAt }: ClientSecret): boolean => expiresAt === null || expiresAt > nowMilliseconds();
