import type { ScopeUse } from '../../clients/scope-use/scope-use.js';
import { type Policy, rulesOf } from '../../policies/policy.js';
import type { Catalog } from '../../resources/catalog.js';
import type { JsonObject } from '../documents/merge-patch.js';
import { isoTime } from '../documents/meta.js';
import { isSame, narrowedRules } from './narrowed-policy.js';

/**
 * How each policy would grant exactly what was used: a JSON merge patch for one that applies to this client alone, words
 * for others. A policy that grants no more than that is left out. To run in slices.
 */
export function* suggestions(
  policies: readonly Policy[],
  uses: readonly ScopeUse[],
  catalog: Catalog,
  windowStart: number,
): Generator<void, JsonObject[]> {
  const found: JsonObject[] = [];
  for (const policy of policies) {
    const rules = yield* narrowedRules(policy, uses, catalog);
    if (isSame(rules, rulesOf(policy))) continue;
    const note = noteOn(policy, windowStart);
    if (note) found.push({ policy: policy.id, note });
    else if (rules.length === 0) found.push({ policy: policy.id, note: NOTHING_USED });
    else found.push({ policy: policy.id, version: String(policy.version), patch: patchOf(policy, rules) });
    yield;
  }
  return found;
}

const NOTHING_USED = 'nothing that it grants was used: delete it';

function noteOn({ everyone, clientIds, updatedAt }: Policy, windowStart: number): string | undefined {
  if (everyone)
    return 'grants more than this client uses, and applies to every client: give those that need it a policy of their own';
  if (clientIds.length > 1) {
    const others = clientIds.length === 2 ? 'another client' : `${clientIds.length - 1} other clients`;
    return `grants more than this client uses, and is linked to ${others} as well: give this client a policy of its own`;
  }
  if (updatedAt > windowStart)
    return `was changed at ${isoTime(updatedAt)}, so not all of its rules had to be used yet`;
  return undefined;
}

const patchOf = ({ engine }: Policy, rules: readonly object[]): JsonObject =>
  engine === 'rules' ? { rules: [...rules] } : { engine: 'rules', rules: [...rules] };
