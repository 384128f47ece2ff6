import { ALL, parseScopeItem, type ScopeItem } from '../../packages/protocol/src/scope-item.js';
import type { Catalog } from '../resources/catalog.js';
import { readingBeside } from '../resources/item-readings.js';
import type { CompiledPolicies, RuleReference } from './compiled-policies.js';

export type DecisionReason =
  | 'granted'
  | 'malformed'
  | 'unknown_resource'
  | 'unknown_operation'
  | 'wrong_audience'
  | 'no_rule'
  | 'denied';

/** The decision on one item, and the rule that decided. */
export interface ItemDecision extends Partial<RuleReference> {
  scope: string;
  granted: boolean;
  reason: DecisionReason;
}

export interface DecisionContext {
  catalog: Catalog;
  /** The requested audiences; absent: none, and an item may name any resource. */
  audiences?: readonly string[];
  /** Without a requested audience: the only audiences whose items can be granted; absent: any. */
  limit?: readonly string[] | undefined;
}

/** Decides each item separately; items are never narrowed or expanded, and without a policy nothing is granted. */
export function decide(
  policies: CompiledPolicies,
  items: readonly string[],
  context: DecisionContext,
): ItemDecision[] {
  return items.map((scope) => ({ scope, ...decideItem(policies, scope, context) }));
}

type Outcome = Omit<ItemDecision, 'scope'>;

function decideItem(policies: CompiledPolicies, scope: string, context: DecisionContext): Outcome {
  const readings = readingsOfName(scope, context);
  if (readings.length > 0) return decideTogether(policies, [...readings, ...formerMeaningOf(scope, context)]);
  const item = parseScopeItem(scope);
  if (!item) return refused('malformed');
  return unregistered(item, context) ?? decideParts(policies, item);
}

/** The meaning of an item: several items only for a bare name that several resources share or that has two readings. */
export function meaningOf(scope: string, context: DecisionContext): readonly ScopeItem[] {
  const readings = readingsOfName(scope, context);
  if (readings.length > 0) return readings;
  const item = parseScopeItem(scope);
  return item ? [item] : [];
}

/**
 * What a bare name meant last in those of several audiences where no resource has it any more. The token is for all of them,
 * and an API there may still take the name for that operation, so that it is granted only with this.
 */
export function formerMeaningOf(
  name: string,
  { catalog, audiences = [] }: DecisionContext,
): readonly ScopeItem[] {
  if (audiences.length < 2) return NO_OPERATIONS;
  return audiences.flatMap((audience) => {
    const resource = catalog.formerOwnerOf(audience, name);
    return resource === undefined ? [] : [{ resource, identifier: ALL, operation: name }];
  });
}

/**
 * The operations of this bare name, and its meaning in the grammar if it has one. Names with two readings are rejected on
 * write; an older stored one is granted only if both are, because an API may check for either.
 */
function readingsOfName(name: string, context: DecisionContext): readonly ScopeItem[] {
  const operations = bareOperations(name, context);
  if (operations.length === 0) return operations;
  const owners = operations.map(({ resource }) => resource);
  const beside = readingBeside(name, owners, context.catalog);
  return beside ? [...operations, beside] : operations;
}

const NO_OPERATIONS: readonly ScopeItem[] = [];

/** With an audience, the name of an operation means that operation on each resource of the audience that has it. */
function bareOperations(name: string, { catalog, audiences }: DecisionContext): readonly ScopeItem[] {
  if (!audiences) return NO_OPERATIONS;
  return audiences
    .flatMap((audience) => catalog.ownersOf(audience, name))
    .map(({ id }) => ({ resource: id, identifier: ALL, operation: name }));
}

/** Granted only together; the first rejection decides for all. */
function decideTogether(policies: CompiledPolicies, items: readonly ScopeItem[]): Outcome {
  let outcome: Outcome = refused('no_rule');
  for (const item of items) {
    outcome = decideParts(policies, item);
    if (!outcome.granted) return outcome;
  }
  return outcome;
}

function unregistered({ resource, operation }: ScopeItem, context: DecisionContext): Outcome | undefined {
  const { catalog, audiences = context.limit } = context;
  const registered = catalog.find(resource);
  if (resource !== ALL && !registered) return refused('unknown_resource');
  if (operation !== ALL && !catalog.hasOperation(resource, operation)) return refused('unknown_operation');
  if (audiences && !(registered && audiences.includes(catalog.audienceOf(registered)))) {
    return refused('wrong_audience');
  }
  return undefined;
}

function decideParts(policies: CompiledPolicies, item: ScopeItem): Outcome {
  const allow = policies.covering(item);
  if (!allow) return refused('no_rule');
  const deny = policies.touching(item);
  if (deny) return { granted: false, reason: 'denied', ...deny };
  return { granted: true, reason: 'granted', ...allow };
}

const refused = (reason: DecisionReason): Outcome => ({ granted: false, reason });
