import { Injectable } from '@nestjs/common';
import { issuerNames } from '../../config/issuer-settings.js';
import { Settings } from '../../config/settings.js';
import { ConfigurationRevision } from '../../database/revisions/configuration-revision.js';
import { RevisionedCache } from '../../database/revisions/revisioned-cache.js';
import type { TrustedIssuer } from './trusted-issuer.js';
import { TrustedIssuersRepository } from './trusted-issuers.repository.js';

const MAX_CHARACTERS = 255;
/** No issuer contains another character, and no database is asked for one that cannot be stored. */
const PLAIN = /^[\x21-\x7E]+$/;

/** Trusted issuers by their `issuer`, as they were at most a second ago. */
@Injectable()
export class IssuerRegistry {
  private readonly cache: RevisionedCache<TrustedIssuer | null>;
  private readonly own: ReadonlySet<string>;

  constructor(repository: TrustedIssuersRepository, settings: Settings, revision: ConfigurationRevision) {
    this.own = issuerNames(settings);
    this.cache = new RevisionedCache(revision, 'clients', (issuer) => repository.withIssuer(issuer));
  }

  /** An issuer that this server has become, because its URL was changed, is trusted no more: its tokens are our own. */
  async find(issuer: string): Promise<TrustedIssuer | undefined> {
    if (issuer.length > MAX_CHARACTERS || !PLAIN.test(issuer) || this.own.has(issuer)) return undefined;
    return (await this.cache.get(issuer)) ?? undefined;
  }
}
