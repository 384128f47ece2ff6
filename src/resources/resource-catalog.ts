import { Injectable } from '@nestjs/common';
import { issuerNames } from '../config/issuer-settings.js';
import { Log } from '../config/log.js';
import { Settings } from '../config/settings.js';
import { ConfigurationRevision } from '../database/revisions/configuration-revision.js';
import { RevisionedCache } from '../database/revisions/revisioned-cache.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { CarriedNames } from './carried-names.repository.js';
import { Catalog } from './catalog.js';
import { FormerOperationsRepository } from './former-operations.repository.js';
import { CATALOG, type Resource } from './resource.js';
import { ResourcesRepository } from './resources.repository.js';

/** The catalog of resources, at most a second old, for requests that only read. */
@Injectable()
export class ResourceCatalog {
  private readonly cache: RevisionedCache<Catalog>;
  private readonly issuers: ReadonlySet<string>;
  private readonly warned = new Set<string>();

  constructor(
    private readonly repository: ResourcesRepository,
    private readonly former: FormerOperationsRepository,
    private readonly carried: CarriedNames,
    private readonly settings: Settings,
    private readonly log: Log,
    private readonly unitOfWork: UnitOfWork,
    revision: ConfigurationRevision,
  ) {
    this.issuers = issuerNames(settings);
    this.cache = new RevisionedCache(revision, 'resources', () => this.load());
  }

  current(): Promise<Catalog> {
    return this.cache.get('');
  }

  /**
   * From the database, for checks inside a transaction, which reads it again only after it has written a resource. An audience that has become an issuer of this server, because its
   * URL was changed, would join the server's own types: such a resource is left out, so that nothing of it is granted.
   */
  load(): Promise<Catalog> {
    return this.unitOfWork.remembered(CATALOG, () => this.read());
  }

  private async read(): Promise<Catalog> {
    const claims = await this.carried.claims();
    const resources = await this.repository.all();
    const usable = resources.filter((resource) => !this.isMistaken(resource));
    const names = new Set(usable.flatMap(({ operations }) => operations.map(({ name }) => name)));
    const lastOwners = await this.former.lastOwners(names);
    return new Catalog(usable, this.settings.rootIssuer, lastOwners, claims);
  }

  private isMistaken({ id, audience }: Resource): boolean {
    if (audience === null || !this.issuers.has(audience)) return false;
    if (!this.warned.has(id)) {
      const message = 'resource ignored: its audience is an issuer of this server; set another audience';
      this.log.warn({ resource: id, audience }, message);
    }
    this.warned.add(id);
    return true;
  }
}
