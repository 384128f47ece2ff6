import { ALL, isSegment, type ScopeItem } from '../../packages/protocol/src/scope-item.js';
import { invalidScope } from '../protocol/oauth-error.js';
import { MAX_SCOPE_ITEMS } from '../protocol/scope.js';
import type { Catalog } from '../resources/catalog.js';
import type { CompiledPolicies } from './compiled-policies.js';
import { formerMeaningOf, meaningOf } from './decision.js';

/** An audience is covered when an allow rule names one of its resources, or `*`. */
export function coversAudience(policies: CompiledPolicies, catalog: Catalog, audience: string): boolean {
  return catalog.withAudience(audience).some(({ id }) => policies.names(id));
}

/**
 * Whether these audiences have no operations, and the policies cover each of them and do not deny it as a whole: a token for
 * them has an empty scope.
 */
export function coversBareAudiences(
  policies: Pick<CompiledPolicies, 'names' | 'deniesAll'>,
  catalog: Catalog,
  audiences: readonly string[],
): boolean {
  return audiences.every(
    (audience) =>
      catalog.lacksOperations(audience) &&
      catalog.withAudience(audience).some(({ id }) => policies.names(id) && !policies.deniesAll(id)),
  );
}

/** At about a microsecond each. */
const MAX_DECISIONS = 20_000;
const NAMES_PER_STEP = 16;

/** Whether an item is granted; throws invalid_scope when it is asked too often. */
type Decide = (item: ScopeItem) => boolean;

/**
 * Everything that the policies grant on the resources of these audiences, without `*`: the bare name of an operation if
 * it is granted on every identifier of every resource that has it, else each granted item. Throws invalid_scope for
 * more than a request could name, or what takes too many decisions. To run in slices.
 */
export function* wholeGrant(
  policies: CompiledPolicies,
  catalog: Catalog,
  audiences: readonly string[],
): Generator<void, string[]> {
  const resources = [...new Set(audiences.flatMap((audience) => catalog.withAudience(audience)))];
  const names = new Set(resources.flatMap(({ operations }) => operations.map(({ name }) => name)));
  const decide = bounded(policies);
  const readings = new Map<string, Reading>();
  for (const name of names) {
    const context = { catalog, audiences };
    const meant = [...meaningOf(name, context), ...formerMeaningOf(name, context)];
    readings.set(name, { everywhere: meant.every(decide), shared: meant.length > 1 });
    if (readings.size % NAMES_PER_STEP === 0) yield;
  }
  const grant = new Set<string>();
  for (const { id, operations } of resources) {
    for (const { name } of operations) {
      const { everywhere, shared } = readings.get(name) as Reading;
      // A name with several meanings may be rejected although this operation is granted.
      const items = everywhere ? [name] : grantedItems(policies, decide, id, name, shared);
      // An item that equals the name of an operation would be interpreted as that operation.
      for (const item of items) if (everywhere || !names.has(item)) grant.add(item);
      if (grant.size > MAX_SCOPE_ITEMS) throw tooLarge();
      if (!everywhere) yield;
    }
    yield;
  }
  return [...grant];
}

/** Whether the bare name of an operation is granted in all its meanings, and whether it has several. */
interface Reading {
  everywhere: boolean;
  shared: boolean;
}

function bounded(policies: CompiledPolicies): Decide {
  let decisions = 0;
  return (item) => {
    if (++decisions > MAX_DECISIONS) {
      throw invalidScope('all that is granted for the audience takes too long to determine: send a scope');
    }
    return policies.grants(item);
  };
}

const tooLarge = () =>
  invalidScope(`all that is granted for the audience is more than ${MAX_SCOPE_ITEMS} items: send a scope`);

function grantedItems(
  policies: CompiledPolicies,
  decide: Decide,
  resource: string,
  operation: string,
  shared: boolean,
): string[] {
  // The grammar cannot express an operation with a colon or a star; only its bare name can.
  if (operation.includes(':') || !isSegment(operation)) return [];
  const granted = (identifier: string) => decide({ resource, identifier, operation });
  if (shared && granted(ALL)) return [`${resource}:${ALL}:${operation}`];
  return policies
    .identifiersOf(resource, operation)
    .filter(granted)
    .map((identifier) => `${resource}:${identifier}:${operation}`);
}
