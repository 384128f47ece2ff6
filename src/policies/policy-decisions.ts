import { Injectable } from '@nestjs/common';
import { ConfigurationRevision } from '../database/configuration-revision.js';
import { RevisionedCache } from '../database/revisioned-cache.js';
import { CompiledPolicies } from './compiled-policies.js';
import { PoliciesRepository } from './policies.repository.js';

/** The compiled policies of each client as they were at most a second ago. */
@Injectable()
export class PolicyDecisions {
  private readonly compiled: RevisionedCache<CompiledPolicies>;

  constructor(
    private readonly repository: PoliciesRepository,
    revision: ConfigurationRevision,
  ) {
    this.compiled = new RevisionedCache(
      revision,
      'policies',
      async (clientId) => new CompiledPolicies(await this.repository.ofClient(clientId)),
    );
  }

  ofClient(clientId: string): CompiledPolicies | Promise<CompiledPolicies> {
    return this.compiled.get(clientId);
  }
}
