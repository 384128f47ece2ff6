import { ALL } from '../../../packages/protocol/src/scope-item.js';
import type { Policy } from '../../policies/policy.js';
import { allowRulesOf } from '../../policies/rule-cover.js';
import type { Catalog } from '../../resources/catalog.js';
import type { AudienceHolder } from './held-audiences.js';
import type { Missing } from './missing.js';
import type { ResourceChange } from './resource-escalation.js';

/** A resource that changes its audience, or is created in one: a deleted one may come back elsewhere. */
export interface AudienceMove {
  resource: string;
  /** Absent: the resource is created. */
  left: string | undefined;
  entered: string;
}

export function audienceMove({ before, after }: ResourceChange, catalog: Catalog): AudienceMove | undefined {
  if (!after) return undefined;
  const [left, entered] = [before ? catalog.audienceOf(before) : undefined, catalog.audienceOf(after)];
  return left === entered ? undefined : { resource: after.id, left, entered };
}

/** A policy that applies to a client whose list contains the audience that a resource enters and not the one that it leaves. */
export interface AdmittedPolicy {
  client: string;
  policy: Policy;
}

/**
 * What the caller lacks for a move that admits clients with these policies to the resource: their allow rules on it,
 * within its own list of audiences. Run in slices.
 */
export function* missingForMove(
  { holdings, reach }: AudienceHolder,
  { resource, left, entered }: AudienceMove,
  admitted: readonly AdmittedPolicy[],
): Generator<void, Missing | undefined> {
  const needed = left ?? entered;
  const isUnlisted = reach.list?.includes(needed) === false && !holdings.administersEverything;
  for (const { client, policy } of admitted) {
    const giving = holdings.givingBy(policy);
    for (const rule of allowRulesOf(policy)) {
      yield;
      if (rule.resource !== resource && rule.resource !== ALL) continue;
      if (!isUnlisted && giving.covers({ ...rule, resource })) continue;
      const items = `${resource}:${rule.identifier}:${rule.operations.join(',')}`;
      return {
        description: `this would let the client ${client}, whose list contains ${entered}${left === undefined ? '' : ` but not ${left}`}, have ${items}, which the caller does not hold`,
      };
    }
  }
  return undefined;
}
