import type { Policy } from '../../../policies/policy.js';
import { AdminController } from '../access/admin-controller.js';
import { ConfigurationController } from '../configuration/configuration.controller.js';
import { ConfigurationDeletions } from '../configuration/configuration-deletions.js';
import { ConfigurationReads } from '../configuration/configuration-reads.js';
import { ConfigurationWrites } from '../configuration/configuration-writes.js';
import { PolicyType } from './policy-type.js';

/** `/AccessPolicy`. */
@AdminController('AccessPolicy')
export class PoliciesController extends ConfigurationController<Policy, undefined> {
  constructor(
    type: PolicyType,
    reads: ConfigurationReads,
    writes: ConfigurationWrites,
    deletions: ConfigurationDeletions,
  ) {
    super(type, reads, writes, deletions);
  }
}
