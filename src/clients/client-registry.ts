import { Injectable } from '@nestjs/common';
import { ConfigurationRevision } from '../database/revisions/configuration-revision.js';
import { RevisionedCache } from '../database/revisions/revisioned-cache.js';
import { RowReader } from '../database/row-reader.js';
import { isId } from '../protocol/identifier.js';
import { REGISTERED_CLIENT, type RegisteredClient, registeredClientOf } from './registered-client.js';

/** Clients by id as they were at most a second ago, for requests that only read. */
@Injectable()
export class ClientRegistry {
  private readonly cache: RevisionedCache<RegisteredClient | undefined>;

  constructor(
    private readonly reader: RowReader,
    revision: ConfigurationRevision,
  ) {
    this.cache = new RevisionedCache(revision, 'clients', (id) => this.load(id));
  }

  /** Without a promise where the client is cached, for the hot path. */
  find(id: string): RegisteredClient | undefined | Promise<RegisteredClient | undefined> {
    // MySQL would match 'abc' for 'abc ', so only syntactically valid ids are looked up.
    return isId(id) ? (this.cache.peek(id) ?? this.cache.get(id)) : undefined;
  }

  /** One query for both: with more active clients than the cache holds, every token request needs it. */
  private async load(id: string): Promise<RegisteredClient | undefined> {
    return registeredClientOf(await this.reader.findAll(REGISTERED_CLIENT, id));
  }
}
