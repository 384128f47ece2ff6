import { ALL, formatScopeItem, parseScopeItem } from '../protocol/scope-item.js';
import type { CompiledPolicies } from './compiled-policies.js';
import { type DecisionContext, decide, type ItemDecision } from './decision.js';

/** A decision as an administrator reads it: with what would be granted next to a refused item. */
export interface ExplainedItem extends ItemDecision {
  suggest?: string[];
}

const MOST_SUGGESTIONS = 10;

/** Decides, and for each refused item looks at its neighbours: other identifiers, other operations. */
export function explain(
  policies: CompiledPolicies,
  items: readonly string[],
  context: DecisionContext,
): ExplainedItem[] {
  return decide(policies, items, context).map((decision) => {
    if (decision.granted) return decision;
    const suggest = suggestions(policies, decision.scope, context);
    return suggest.length > 0 ? { ...decision, suggest } : decision;
  });
}

function suggestions(policies: CompiledPolicies, scope: string, context: DecisionContext): string[] {
  const neighbours = neighboursOf(policies, scope, context).filter((neighbour) => neighbour !== scope);
  return decide(policies, [...new Set(neighbours)], context)
    .filter(({ granted }) => granted)
    .slice(0, MOST_SUGGESTIONS)
    .map((decision) => decision.scope);
}

/** The nearest first: the same operation elsewhere, then other operations at the same place, then the rest. */
function neighboursOf(policies: CompiledPolicies, scope: string, { catalog }: DecisionContext): string[] {
  const item =
    parseScopeItem(scope) ?? parseScopeItem(scope.split(':').filter(Boolean).slice(0, 3).join(':'));
  const resource = item && catalog.find(item.resource);
  if (!item || !resource) return [];
  const identifiers = [item.identifier, ALL, ...policies.identifiersOf(resource.id)];
  const names = resource.operations.map(({ name }) => name);
  const operations = [...names.filter((name) => name === item.operation), ALL, ...names];
  const inOrder = operations.flatMap((operation) =>
    identifiers.map((identifier) => ({ identifier, operation })),
  );
  const distance = (one: { identifier: string; operation: string }) =>
    (one.operation === item.operation ? 0 : 2) + (one.identifier === item.identifier ? 0 : 1);
  return inOrder
    .sort((a, b) => distance(a) - distance(b))
    .map((place) => formatScopeItem({ resource: resource.id, ...place }));
}
