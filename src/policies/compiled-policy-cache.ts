import { Injectable } from '@nestjs/common';
import { ConfigurationRevision } from '../database/revisions/configuration-revision.js';
import { RevisionedCache } from '../database/revisions/revisioned-cache.js';
import { RowReader } from '../database/row-reader.js';
import { TemporarilyUnavailable } from '../protocol/unavailable.js';
import { AdmissionCache } from '../runtime/admission-cache.js';
import { cacheCounts } from '../runtime/cache-counts.js';
import { betweenSlices } from '../runtime/slices.js';
import { CompiledPolicies, type DecidingPolicy } from './compiled-policies.js';
import {
  DECIDING_POLICY,
  decidingPolicyOf,
  REACHING_POLICIES,
  setOf,
  stateOf,
  statesOf,
} from './deciding-policy.js';

const MAX_SETS = 10_000;
/** In all sets; a rule takes half a kilobyte. */
const MAX_RULES = 40_000;
/** Parsed and compiled without a pause. */
const MAX_RULES_AT_ONCE = 500;
const MAX_ATTEMPTS = 5;

/**
 * The compiled policies of each client, at most a second old. Clients with the same policies share one compiled set. Its
 * key is made of the states of these policies, so a change of other policies does not invalidate it.
 */
@Injectable()
export class CompiledPolicyCache {
  private readonly sets: RevisionedCache<string>;
  private readonly compiled = new AdmissionCache<CompiledPolicies>({ max: MAX_SETS, maxSize: MAX_RULES });
  private readonly counts = cacheCounts('compiled_policies');

  constructor(
    private readonly reader: RowReader,
    revision: ConfigurationRevision,
  ) {
    this.sets = new RevisionedCache(revision, 'policies', (clientId) => this.setOf(clientId));
  }

  async ofClient(clientId: string): Promise<CompiledPolicies> {
    let set = await this.sets.get(clientId);
    for (let tries = 0; tries < MAX_ATTEMPTS; tries++) {
      const known = this.compiled.get(set);
      if (known) this.counts.hits++;
      else this.counts.misses++;
      const compiled = known ?? (await this.compile(set));
      if (compiled) return compiled;
      set = await this.setOf(clientId);
    }
    throw new TemporarilyUnavailable();
  }

  /** undefined if one of the policies is no longer in this state, so that rules and links are always of one moment. */
  private async compile(set: string): Promise<CompiledPolicies | undefined> {
    const states = statesOf(set);
    const found = await Promise.all(
      Array.from(states.keys(), (id) => this.reader.findAll(DECIDING_POLICY, id)),
    );
    const policies: DecidingPolicy[] = [];
    for (const [row] of found) {
      if (!row || stateOf(row) !== states.get(String(row[0]))) return undefined;
      policies.push(decidingPolicyOf(row));
    }
    const rules = policies.reduce((sum, policy) => sum + policy.rules.length, 1);
    if (rules > MAX_RULES_AT_ONCE) await betweenSlices();
    const compiled = new CompiledPolicies(policies);
    this.compiled.set(set, compiled, Math.min(rules, MAX_RULES));
    return compiled;
  }

  private async setOf(clientId: string): Promise<string> {
    return setOf(await this.reader.findAll(REACHING_POLICIES, clientId));
  }
}
