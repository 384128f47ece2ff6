import { Injectable } from '@nestjs/common';
import { CredentialUse } from '../../clients/authentication/credential-use.js';
import type { DescribedClient } from '../../clients/client.js';
import type { ClientSecret } from '../../clients/client-secret.entity.js';
import { isLive } from '../../clients/client-secrets.js';
import { ClientSecretsRepository } from '../../clients/client-secrets.repository.js';
import { ClientsRepository } from '../../clients/clients.repository.js';
import type { LastUse } from '../../clients/usage/last-use.js';

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
  /** Of its credentials, removed ones included; the newest first. */
  uses: LastUse[];
}

/** Reads clients for display: the hashes of their secrets do not leave this class. */
@Injectable()
export class ShownClients {
  constructor(
    private readonly clients: ClientsRepository,
    private readonly stored: ClientSecretsRepository,
    private readonly uses: CredentialUse,
  ) {}

  async find(id: string): Promise<ShownClient | null> {
    const client = await this.clients.find(id);
    return client && this.withSecrets(client);
  }

  async findMany(ids: readonly string[]): Promise<ShownClient[]> {
    return this.withSecretsOf(await this.clients.findMany(ids));
  }

  /** The result of a write that replaced `current`. */
  async written(
    client: DescribedClient,
    current: ShownClient | null,
    areSecretsChanged: boolean,
  ): Promise<ShownClient> {
    if (areSecretsChanged) return this.withSecrets(client);
    return { ...client, secrets: current?.secrets ?? [], uses: current?.uses ?? [] };
  }

  async withSecrets(client: DescribedClient): Promise<ShownClient> {
    const [shown] = await this.withSecretsOf([client]);
    return shown as ShownClient;
  }

  private async withSecretsOf(clients: readonly DescribedClient[]): Promise<ShownClient[]> {
    const ids = clients.map(({ id }) => id);
    const secrets = await this.stored.ofMany(ids);
    const secretsByClient = byClient(secrets);
    const usesByClient = byClient(await this.usesOf(ids));
    return clients.map((client) => {
      // An earlier client may have had this id.
      const uses = (usesByClient.get(client.id) ?? []).filter(({ usedAt }) => usedAt >= client.createdAt);
      return { ...client, secrets: shown(secretsByClient.get(client.id) ?? [], uses), uses };
    });
  }

  /** Those that this process has not written yet take the place of older stored ones. */
  private async usesOf(clientIds: readonly string[]): Promise<LastUse[]> {
    const uses = new Map((await this.clients.lastUsesOf(clientIds)).map((use) => [use.id, use]));
    for (const use of clientIds.flatMap((id) => this.uses.lastUsesOf(id))) {
      if ((uses.get(use.id)?.usedAt ?? 0) <= use.usedAt) uses.set(use.id, use);
    }
    return [...uses.values()].sort((one, other) => other.usedAt - one.usedAt);
  }
}

function byClient<T extends { clientId: string }>(items: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(item.clientId);
    if (group) group.push(item);
    else groups.set(item.clientId, [item]);
  }
  return groups;
}

function shown(secrets: readonly ClientSecret[], uses: readonly LastUse[]): ShownSecret[] {
  return secrets.filter(isLive).map(({ id, description, createdAt, expiresAt }) => ({
    id,
    description,
    createdAt,
    expiresAt,
    lastUsedAt: uses.find((use) => use.id === id)?.usedAt ?? null,
  }));
}
