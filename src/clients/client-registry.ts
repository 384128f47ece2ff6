import { Injectable } from '@nestjs/common';
import { ConfigurationRevision } from '../database/configuration-revision.js';
import { RevisionedCache } from '../database/revisioned-cache.js';
import { isId } from '../protocol/identifier.js';
import type { Client } from './client.js';
import type { ClientSecret } from './client-secret.entity.js';
import { ClientsRepository } from './clients.repository.js';

export interface RegisteredClient {
  client: Client;
  secrets: readonly ClientSecret[];
}

/** Clients by id as they were at most a second ago, for requests that only read. */
@Injectable()
export class ClientRegistry {
  private readonly cache: RevisionedCache<RegisteredClient | undefined>;

  constructor(
    private readonly repository: ClientsRepository,
    revision: ConfigurationRevision,
  ) {
    this.cache = new RevisionedCache(revision, 'clients', (id) => this.load(id));
  }

  find(id: string): RegisteredClient | undefined | Promise<RegisteredClient | undefined> {
    // MySQL would find 'abc' for 'abc ': only an id in its own syntax is looked up.
    return isId(id) ? this.cache.get(id) : undefined;
  }

  private async load(id: string): Promise<RegisteredClient | undefined> {
    const client = await this.repository.find(id);
    return client ? { client, secrets: await this.repository.secretsOf(id) } : undefined;
  }
}
