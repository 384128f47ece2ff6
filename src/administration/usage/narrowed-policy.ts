import { isOwnType } from '../../../packages/protocol/src/own-type.js';
import { ALL } from '../../../packages/protocol/src/scope-item.js';
import type { ScopeUse } from '../../clients/scope-use/scope-use.js';
import { type Policy, type Rule, rulesOf } from '../../policies/policy.js';
import type { Catalog } from '../../resources/catalog.js';

type Place = Omit<Rule, 'effect'>;

/**
 * The rules of a policy that grant what was used of them, and no more. Denials and rights on this server stay as they
 * are, since no use of those is recorded. To run in slices.
 */
export function* narrowedRules(
  policy: Pick<Policy, 'engine' | 'rules'>,
  uses: readonly ScopeUse[],
  catalog: Catalog,
): Generator<void, Rule[]> {
  const registered = uses.filter((use) => isRegistered(use, catalog));
  const places = new Places();
  const kept: Rule[] = [];
  for (const rule of rulesOf(policy)) {
    if (rule.effect === 'deny' || isOwnType(rule.resource)) kept.push(rule);
    else for (const use of registered) places.add(usedPart(rule, use));
    yield;
  }
  return [...places.rules(), ...kept];
}

/** Whether both lists grant and deny the same, however it is spread over rules. */
export function isSame(one: readonly Rule[], other: readonly Rule[]): boolean {
  const parts = (rules: readonly Rule[]) =>
    rules.flatMap(({ effect, resource, identifier, operations }) =>
      operations.map((operation) => JSON.stringify([effect, resource, identifier, operation])),
    );
  const known = new Set(parts(one));
  const others = new Set(parts(other));
  return known.size === others.size && [...others].every((part) => known.has(part));
}

/** Later removed resources and operations cannot be named in a rule. */
function isRegistered({ resource, operation, folded }: ScopeUse, catalog: Catalog): boolean {
  if (folded && resource === ALL) return true;
  if (resource !== ALL && !catalog.find(resource)) return false;
  return operation === ALL || catalog.hasOperation(resource, operation);
}

/** What a use needs of this rule; undefined: nothing. */
function usedPart(rule: Rule, { resource, identifier, operation, folded }: ScopeUse): Place | undefined {
  // Of what is recorded as one, the rule itself says what it can have been.
  if (folded && resource === ALL) return rule;
  const reaches = rule.resource === resource || (rule.resource === ALL && !isOwnType(resource));
  if (!reaches) return undefined;
  if (folded && operation === ALL) return rule;
  if (!rule.operations.some((name) => name === ALL || name === operation)) return undefined;
  if (folded) return { resource, identifier: rule.identifier, operations: [operation] };
  if (rule.identifier !== ALL && rule.identifier !== identifier) return undefined;
  return { resource, identifier, operations: [operation] };
}

/** Collects operations by resource and identifier. */
class Places {
  private readonly found = new Map<string, Place>();

  add(place: Place | undefined): void {
    if (!place) return;
    const { resource, identifier, operations } = place;
    const key = JSON.stringify([resource, identifier]);
    const known = this.found.get(key)?.operations ?? [];
    const all = [...new Set([...known, ...operations])];
    this.found.set(key, { resource, identifier, operations: all.includes(ALL) ? [ALL] : all.sort() });
  }

  rules(): Rule[] {
    const keys = [...this.found.keys()].sort();
    return keys.map((key) => ({ effect: 'allow', ...(this.found.get(key) as Place) }));
  }
}
