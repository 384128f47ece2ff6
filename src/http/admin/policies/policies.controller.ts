import { ConfigurationDeletions } from '../../../administration/configuration/configuration-deletions.js';
import { ConfigurationWrites } from '../../../administration/configuration/configuration-writes.js';
import { PolicyType } from '../../../administration/policies/policy-type.js';
import type { Policy } from '../../../policies/policy.js';
import { POLICY_SEARCH } from '../../../policies/policy.search.js';
import { AdminController } from '../access/admin-controller.js';
import { ConfigurationController } from '../configuration/configuration.controller.js';
import { ConfigurationReads } from '../configuration/configuration-reads.js';

/** `/AccessPolicy`. */
@AdminController('AccessPolicy')
export class PoliciesController extends ConfigurationController<Policy, undefined> {
  constructor(
    type: PolicyType,
    reads: ConfigurationReads,
    writes: ConfigurationWrites,
    deletions: ConfigurationDeletions,
  ) {
    super(type, POLICY_SEARCH, reads, writes, deletions);
  }
}
