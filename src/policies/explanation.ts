import { ALL, formatScopeItem, parseScopeItem } from '../../packages/protocol/src/scope-item.js';
import type { CompiledPolicies } from './compiled-policies.js';
import { type DecisionContext, decide, type ItemDecision, meaningOf } from './decision.js';

/** A decision with granted alternatives to a rejected item. */
export interface ExplainedItem extends ItemDecision {
  suggest?: string[];
}

const MAX_SUGGESTIONS = 10;
/** Alternatives that are tried per query, whatever the number of rules, operations and items. */
const MAX_TRIED = 20_000;

/** Decides, and for each rejected item tries alternatives: other readings, other identifiers, other operations. */
export function* explain(
  policies: CompiledPolicies,
  items: readonly string[],
  context: DecisionContext,
): Generator<void, ExplainedItem[]> {
  const decisions: ItemDecision[] = [];
  for (const item of items) {
    decisions.push(...decide(policies, [item], context));
    yield;
  }
  const alternatives = new Alternatives(policies, context);
  const max = MAX_TRIED / decisions.filter(({ granted }) => !granted).length;
  const explained: ExplainedItem[] = [];
  for (const decision of decisions) {
    const suggest = decision.granted ? [] : yield* alternatives.granted(decision.scope, max);
    explained.push(suggest.length > 0 ? { ...decision, suggest } : decision);
  }
  return explained;
}

/** The alternatives to an item, the closest first. */
class Alternatives {
  private readonly identifiers = new Map<string, readonly string[]>();

  constructor(
    private readonly policies: CompiledPolicies,
    private readonly context: DecisionContext,
  ) {}

  /** The closest alternatives that are granted. */
  *granted(scope: string, max: number): Generator<void, string[]> {
    const found = new Set<string>();
    let tried = 0;
    for (const alternative of this.around(scope)) {
      if (found.size === MAX_SUGGESTIONS || ++tried > max) break;
      if (alternative === scope || found.has(alternative)) continue;
      if (decide(this.policies, [alternative], this.context)[0]?.granted) found.add(alternative);
      yield;
    }
    return [...found];
  }

  /**
   * The likely intended item first; then the same operation on other identifiers, other operations on the same identifier,
   * and the rest. At equal distance, literals come before `*`.
   */
  private *around(scope: string): Generator<string> {
    // A bare name may be rejected for one of its meanings only.
    for (const meant of meaningOf(scope, this.context)) yield formatScopeItem(meant);
    const item = parseScopeItem(scope) ?? repaired(scope);
    const resource = item && this.context.catalog.find(item.resource);
    if (!item || !resource) return;
    const { id, operations } = resource;
    const at = (identifier: string, operation: string) =>
      formatScopeItem({ resource: id, identifier, operation });
    yield formatScopeItem(item);
    const isKnown = item.operation === ALL || this.context.catalog.hasOperation(id, item.operation);
    // `book:1` is the operation "1" on every book; book 1 is likely to have been meant.
    if (!isKnown && item.identifier === ALL) {
      yield at(item.operation, ALL);
      for (const { name } of operations) yield at(item.operation, name);
    }
    const identifiers = this.identifiersOf(id);
    if (isKnown) {
      for (const one of identifiers) if (one !== item.identifier) yield at(one, item.operation);
      yield at(ALL, item.operation);
    }
    for (const { name } of operations) if (name !== item.operation) yield at(item.identifier, name);
    yield at(item.identifier, ALL);
    for (const { name } of operations) {
      if (name === item.operation) continue;
      for (const one of identifiers) if (one !== item.identifier) yield at(one, name);
    }
    for (const one of identifiers) if (one !== item.identifier) yield at(one, ALL);
    for (const { name } of operations) if (name !== item.operation) yield at(ALL, name);
    yield at(ALL, ALL);
  }

  private identifiersOf(resource: string): readonly string[] {
    const known = this.identifiers.get(resource) ?? this.policies.identifiersOf(resource);
    this.identifiers.set(resource, known);
    return known;
  }
}

/** The item without empty segments and without those after the third. */
const repaired = (scope: string) => parseScopeItem(scope.split(':').filter(Boolean).slice(0, 3).join(':'));
