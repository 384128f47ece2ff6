import { Injectable } from '@nestjs/common';
import type { ClientSecret } from '../../clients/client-secret.entity.js';
import { ClientSecrets } from '../../clients/client-secrets.js';
import { ClientSecretsRepository } from '../../clients/client-secrets.repository.js';
import { makeSecret } from '../../crypto/handle.js';
import type { WriteMethod } from '../configuration/configuration-type.js';
import type { JsonObject } from '../documents/merge-patch.js';
import { isSecret, isSecretHash } from './client.dto.js';

/** What is prepared before a client is written. */
export interface ClientDraft {
  /** The hash of the new secret; null removes all secrets; absent: the secrets are kept. */
  secret?: ClientSecret | null;
  /** The client's existing secret, valid or expired, that the body repeats. */
  known?: ClientSecret;
  /** A generated secret, to be shown once. */
  madeSecret?: string;
}

/** Hashes or generates a client's new secret before the write begins. */
@Injectable()
export class ClientDrafts {
  constructor(
    private readonly secrets: ClientSecrets,
    private readonly stored: ClientSecretsRepository,
  ) {}

  async make(id: string, body: JsonObject, method: WriteMethod): Promise<ClientDraft> {
    const { secret, secret_hash: hash } = body;
    const isFederated = Array.isArray(body.federated) && body.federated.length > 0;
    const takesSecret = body.token_endpoint_auth_method !== 'private_key_jwt' && !isFederated;
    if (hash !== undefined) return isSecretHash(hash) ? { secret: this.secrets.imported(id, hash) } : {};
    if (secret === null) return { secret };
    const madeSecret = secret === undefined && method === 'POST' && takesSecret ? makeSecret() : undefined;
    const plain = madeSecret ?? secret;
    if (!isSecret(plain)) return {};
    // A new row is made for a known secret too: the response time must not reveal whether the secret was right.
    const row = await this.secrets.make(id, plain);
    const known = method === 'POST' ? undefined : await this.secrets.find(plain, await this.stored.of(id));
    return {
      secret: row,
      ...(known === undefined ? {} : { known }),
      ...(madeSecret === undefined ? {} : { madeSecret }),
    };
  }
}
