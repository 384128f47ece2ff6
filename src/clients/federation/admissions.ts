import { Injectable } from '@nestjs/common';
import { ConfigurationRevision } from '../../database/revisions/configuration-revision.js';
import { RevisionedCache } from '../../database/revisions/revisioned-cache.js';
import { TrustedIssuersRepository } from './trusted-issuers.repository.js';

/** The template clients of all issuers that admit workloads, at most a second old; none: admission is off. */
@Injectable()
export class Admissions {
  private readonly cache: RevisionedCache<readonly string[]>;

  constructor(repository: TrustedIssuersRepository, revision: ConfigurationRevision) {
    this.cache = new RevisionedCache<readonly string[]>(revision, 'clients', async () => {
      const issuers = await repository.admitting();
      return [...new Set(issuers.flatMap(({ admits }) => (admits ?? []).map(({ template }) => template)))];
    });
  }

  templates(): Promise<readonly string[]> {
    return this.cache.get('');
  }

  async isOpen(): Promise<boolean> {
    return (await this.templates()).length > 0;
  }
}
