import { ConfigurationDeletions } from '../../../administration/configuration/configuration-deletions.js';
import { ConfigurationWrites } from '../../../administration/configuration/configuration-writes.js';
import { IssuerType } from '../../../administration/issuers/issuer-type.js';
import type { TrustedIssuer } from '../../../clients/federation/trusted-issuer.js';
import { ISSUER_SEARCH } from '../../../clients/federation/trusted-issuer.search.js';
import { AdminController } from '../access/admin-controller.js';
import { ConfigurationController } from '../configuration/configuration.controller.js';
import { ConfigurationReads } from '../configuration/configuration-reads.js';

/** `/TrustedIssuer`. */
@AdminController('TrustedIssuer')
export class IssuersController extends ConfigurationController<TrustedIssuer, undefined> {
  constructor(
    type: IssuerType,
    reads: ConfigurationReads,
    writes: ConfigurationWrites,
    deletions: ConfigurationDeletions,
  ) {
    super(type, ISSUER_SEARCH, reads, writes, deletions);
  }
}
