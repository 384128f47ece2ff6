import { ALL, isSegment } from '../protocol/scope-item.js';
import type { Catalog } from '../resources/catalog.js';
import type { Resource } from '../resources/resource.js';
import type { CompiledPolicies } from './compiled-policies.js';
import { meaningOf } from './decision.js';

/** An audience is covered when an allow rule names one of its resources, or `*`. */
export function coversAudience(policies: CompiledPolicies, catalog: Catalog, audience: string): boolean {
  return catalog.withAudience(audience).some(({ id }) => policies.names(id));
}

/**
 * Whether these audiences have no operations, and the policies cover each of them: a token for them has an empty scope.
 */
export function coversBareAudiences(
  policies: CompiledPolicies,
  catalog: Catalog,
  audiences: readonly string[],
): boolean {
  return audiences.every(
    (audience) => catalog.lacksOperations(audience) && coversAudience(policies, catalog, audience),
  );
}

/**
 * Everything that the policies grant on the resources of these audiences, without `*`: the bare name of an operation if
 * it is granted on every identifier of every resource that has it, else each granted item.
 */
export function wholeGrant(
  policies: CompiledPolicies,
  catalog: Catalog,
  audiences: readonly string[],
): string[] {
  const resources = [...new Set(audiences.flatMap((audience) => catalog.withAudience(audience)))];
  const names = new Set(resources.flatMap(({ operations }) => operations.map(({ name }) => name)));
  const grant = new Set<string>();
  for (const resource of resources) {
    for (const { name } of resource.operations) {
      const meant = meaningOf(name, { catalog, audiences });
      const everywhere = meant.every((item) => policies.grants(item));
      // A name with several meanings may be rejected although this operation is granted.
      const items = everywhere ? [name] : grantedItems(policies, resource, name, meant.length > 1);
      // An item that equals the name of an operation would be interpreted as that operation.
      for (const item of items) if (everywhere || !names.has(item)) grant.add(item);
    }
  }
  return [...grant];
}

function grantedItems(
  policies: CompiledPolicies,
  resource: Resource,
  operation: string,
  shared: boolean,
): string[] {
  // The grammar cannot express an operation with a colon or a star; only its bare name can.
  if (operation.includes(':') || !isSegment(operation)) return [];
  const granted = (identifier: string) => policies.grants({ resource: resource.id, identifier, operation });
  if (shared && granted(ALL)) return [`${resource.id}:${ALL}:${operation}`];
  return policies
    .identifiersOf(resource.id, operation)
    .filter(granted)
    .map((identifier) => `${resource.id}:${identifier}:${operation}`);
}
