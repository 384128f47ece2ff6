import { ALL, formatScopeItem, parseScopeItem } from '../protocol/scope-item.js';
import type { CompiledPolicies } from './compiled-policies.js';
import { type DecisionContext, decide, type ItemDecision } from './decision.js';

/** A decision as an administrator reads it: with what would be granted next to a refused item. */
export interface ExplainedItem extends ItemDecision {
  suggest?: string[];
}

const MOST_SUGGESTIONS = 10;
/** Neighbours that are looked at for one question, however many rules, operations and items there are. */
const MOST_TRIED = 50_000;

/** Decides, and for each refused item looks at its neighbours: other readings, other identifiers, other operations. */
export function explain(
  policies: CompiledPolicies,
  items: readonly string[],
  context: DecisionContext,
): ExplainedItem[] {
  const neighbourhood = new Neighbourhood(policies, context);
  const decisions = decide(policies, items, context);
  const most = MOST_TRIED / decisions.filter(({ granted }) => !granted).length;
  return decisions.map((decision) => {
    if (decision.granted) return decision;
    const suggest = neighbourhood.granted(decision.scope, most);
    return suggest.length > 0 ? { ...decision, suggest } : decision;
  });
}

/** What stands next to an item, the nearest first. */
class Neighbourhood {
  private readonly identifiers = new Map<string, readonly string[]>();

  constructor(
    private readonly policies: CompiledPolicies,
    private readonly context: DecisionContext,
  ) {}

  /** The nearest neighbours that are granted. */
  granted(scope: string, most: number): string[] {
    const found = new Set<string>();
    let tried = 0;
    for (const neighbour of this.around(scope)) {
      if (found.size === MOST_SUGGESTIONS || ++tried > most) break;
      if (neighbour === scope || found.has(neighbour)) continue;
      if (decide(this.policies, [neighbour], this.context)[0]?.granted) found.add(neighbour);
    }
    return [...found];
  }

  /**
   * What the item may have been meant to be; then the same operation elsewhere, other operations at the same place, and
   * the rest. Of what is equally near, literals come before `*`.
   */
  private *around(scope: string): Generator<string> {
    const item = parseScopeItem(scope) ?? mended(scope);
    const resource = item && this.context.catalog.find(item.resource);
    if (!item || !resource) return;
    const names = resource.operations.map(({ name }) => name);
    const at = (identifier: string, operation: string) =>
      formatScopeItem({ resource: resource.id, identifier, operation });
    yield formatScopeItem(item);
    const isKnown = item.operation === ALL || names.includes(item.operation);
    // `book:1` is the operation "1" on every book; book 1 is likely to have been meant.
    if (!isKnown && item.identifier === ALL) {
      for (const operation of [ALL, ...names]) yield at(item.operation, operation);
    }
    const operations = names.filter((name) => name !== item.operation);
    const identifiers = this.identifiersOf(resource.id).filter((one) => one !== item.identifier);
    if (isKnown) for (const one of [...identifiers, ALL]) yield at(one, item.operation);
    for (const operation of [...operations, ALL]) yield at(item.identifier, operation);
    for (const operation of operations) for (const one of identifiers) yield at(one, operation);
    for (const one of identifiers) yield at(one, ALL);
    for (const operation of [...operations, ALL]) yield at(ALL, operation);
  }

  private identifiersOf(resource: string): readonly string[] {
    const known = this.identifiers.get(resource) ?? this.policies.identifiersOf(resource);
    this.identifiers.set(resource, known);
    return known;
  }
}

/** An item with its empty places and those behind the third left out. */
const mended = (scope: string) => parseScopeItem(scope.split(':').filter(Boolean).slice(0, 3).join(':'));
