import { ALL } from '../../../packages/protocol/src/scope-item.js';
import type { Client } from '../../clients/client.js';
import { isValid } from '../../clients/client-validity.js';
import { type Policy, type Rule, rulesOf } from '../../policies/policy.js';
import type { Standing } from './configurations.js';

/** What a rule says of one operation. */
export interface RulePart extends Omit<Rule, 'operations'> {
  operation: string;
}

const RULES_PER_STEP = 100;

/**
 * The parts of rules that a client has in only one of two configurations: no other part can change a decision. All of
 * them if the client itself differs, and those on the written resources. To run in slices.
 */
export function* changedParts(
  stored: Standing,
  proposed: Standing,
  resources: ReadonlySet<string>,
): Generator<void, RulePart[]> {
  const isSameClient = termsOf(stored.client) === termsOf(proposed.client);
  const theirs = new Set(isSameClient && resources.size === 0 ? proposed.policies : []);
  const shared = new Set(stored.policies.filter((policy) => theirs.has(policy)));
  const isOwn = (policy: Policy) => !shared.has(policy);
  const before = yield* partsOf(stored.policies.filter(isOwn));
  const after = yield* partsOf(proposed.policies.filter(isOwn));
  const parts = new Map([...before, ...after]);
  return [...parts]
    .filter(([key, part]) => {
      if (!isSameClient || before.has(key) !== after.has(key)) return true;
      return resources.size > 0 && (part.resource === ALL || resources.has(part.resource));
    })
    .map(([, part]) => part);
}

/** By a key that is equal for equal parts. */
function* partsOf(policies: readonly Policy[]): Generator<void, Map<string, RulePart>> {
  const parts = new Map<string, RulePart>();
  let read = 0;
  for (const policy of policies) {
    for (const { operations, ...place } of rulesOf(policy)) {
      for (const operation of operations) {
        const part = { ...place, operation };
        parts.set(JSON.stringify([part.effect, part.resource, part.identifier, operation]), part);
      }
      if (++read % RULES_PER_STEP === 0) yield;
    }
  }
  return parts;
}

/** Everything of a client that decides besides its policies, as one text. */
export function termsOf(client: Client | null): string {
  if (!client || !isValid(client)) return '';
  const { audience, refreshToken } = client.clientCredentials;
  return JSON.stringify([[...client.grantTypes].sort(), audience, refreshToken]);
}
