import { ALL, formatScopeItem, parseScopeItem } from '../protocol/scope-item.js';
import type { CompiledPolicies } from './compiled-policies.js';
import { type DecisionContext, decide, type ItemDecision } from './decision.js';

/** A decision as an administrator reads it: with what would be granted next to a refused item. */
export interface ExplainedItem extends ItemDecision {
  suggest?: string[];
}

const MAX_SUGGESTIONS = 10;
/** Neighbours that are looked at for one question, however many rules, operations and items there are. */
const MAX_TRIED = 20_000;

/** Decides, and for each refused item looks at its neighbours: other readings, other identifiers, other operations. */
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
  const neighbourhood = new Neighbourhood(policies, context);
  const most = MAX_TRIED / decisions.filter(({ granted }) => !granted).length;
  const explained: ExplainedItem[] = [];
  for (const decision of decisions) {
    const suggest = decision.granted ? [] : yield* neighbourhood.granted(decision.scope, most);
    explained.push(suggest.length > 0 ? { ...decision, suggest } : decision);
  }
  return explained;
}

/** What stands next to an item, the nearest first. */
class Neighbourhood {
  private readonly identifiers = new Map<string, readonly string[]>();

  constructor(
    private readonly policies: CompiledPolicies,
    private readonly context: DecisionContext,
  ) {}

  /** The nearest neighbours that are granted. */
  *granted(scope: string, most: number): Generator<void, string[]> {
    const found = new Set<string>();
    let tried = 0;
    for (const neighbour of this.around(scope)) {
      if (found.size === MAX_SUGGESTIONS || ++tried > most) break;
      if (neighbour === scope || found.has(neighbour)) continue;
      if (decide(this.policies, [neighbour], this.context)[0]?.granted) found.add(neighbour);
      yield;
    }
    return [...found];
  }

  /**
   * What the item may have been meant to be; then the same operation elsewhere, other operations at the same place, and
   * the rest. Of what is equally near, literals come before `*`. Nothing is made of what is not asked for.
   */
  private *around(scope: string): Generator<string> {
    const item = parseScopeItem(scope) ?? mended(scope);
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

/** An item with its empty places and those behind the third left out. */
const mended = (scope: string) => parseScopeItem(scope.split(':').filter(Boolean).slice(0, 3).join(':'));
