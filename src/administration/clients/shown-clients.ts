import { Injectable } from '@nestjs/common';
import { SecretUse } from '../../clients/authentication/secret-use.js';
import type { DescribedClient } from '../../clients/client.js';
import type { ClientSecret } from '../../clients/client-secret.entity.js';
import { ClientsRepository } from '../../clients/clients.repository.js';
import { nowMilliseconds } from '../../runtime/clock.js';

/** The metadata of a secret, without the secret. */
export interface ShownSecret {
  id: string;
  description: string | null;
  createdAt: number;
  expiresAt: number | null;
  lastUsedAt: number | null;
}

/** A client with the metadata of its secrets. */
export interface ShownClient extends DescribedClient {
  secrets: ShownSecret[];
}

/** Reads clients for display: the hashes of their secrets do not leave this class. */
@Injectable()
export class ShownClients {
  constructor(
    private readonly clients: ClientsRepository,
    private readonly uses: SecretUse,
  ) {}

  async find(id: string): Promise<ShownClient | null> {
    const client = await this.clients.find(id);
    return client && this.withSecrets(client);
  }

  async findMany(ids: readonly string[]): Promise<ShownClient[]> {
    const clients = await this.clients.findMany(ids);
    const secrets = await this.clients.secretsOfMany(ids);
    return clients.map((client) => ({
      ...client,
      secrets: this.shown(secrets.filter(({ clientId }) => clientId === client.id)),
    }));
  }

  async withSecrets(client: DescribedClient): Promise<ShownClient> {
    return { ...client, secrets: this.shown(await this.clients.secretsOfMany([client.id])) };
  }

  private shown(secrets: readonly ClientSecret[]): ShownSecret[] {
    const now = nowMilliseconds();
    return secrets
      .filter(({ expiresAt }) => expiresAt === null || expiresAt > now)
      .map(({ id, description, createdAt, expiresAt, lastUsedAt }) => ({
        id,
        description,
        createdAt,
        expiresAt,
        lastUsedAt: this.uses.lastUse(id) ?? lastUsedAt,
      }));
  }
}
