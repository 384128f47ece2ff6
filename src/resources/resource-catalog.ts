import { Injectable } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { ConfigurationRevision } from '../database/configuration-revision.js';
import { RevisionedCache } from '../database/revisioned-cache.js';
import { Catalog } from './catalog.js';
import { ResourcesRepository } from './resources.repository.js';

/** The catalog of resources, at most a second old, for requests that only read. */
@Injectable()
export class ResourceCatalog {
  private readonly cache: RevisionedCache<Catalog>;

  constructor(
    private readonly repository: ResourcesRepository,
    private readonly settings: Settings,
    revision: ConfigurationRevision,
  ) {
    this.cache = new RevisionedCache(revision, 'resources', () => this.load());
  }

  current(): Catalog | Promise<Catalog> {
    return this.cache.get('');
  }

  /** From the database, for checks inside a transaction. */
  async load(): Promise<Catalog> {
    return new Catalog(await this.repository.all(), this.settings.rootIssuer);
  }
}
