import { ALL, isSegment } from '../../../packages/protocol/src/scope-item.js';
import { UNNAMED } from '../../policies/compiled-policies.js';
import { meaningOf } from '../../policies/decision.js';
import type { Catalog } from '../../resources/catalog.js';
import type { Resource } from '../../resources/resource.js';
import type { LayeredPolicies } from './layered-policies.js';

/** Whether the policies grant an item of this audience in a token for it. Run in slices. */
export function* grantsItemOf(
  audience: string,
  catalog: Catalog,
  policies: LayeredPolicies,
): Generator<void, boolean> {
  for (const resource of policies.resourcesOf(audience, catalog)) {
    yield;
    const search = new ItemSearch(resource, audience, catalog, policies);
    if (yield* search.run()) return true;
  }
  return false;
}

/**
 * Follows the allow rules on a resource rather than its operations. A rule on every operation tries those that are not
 * denied on every identifier: each further attempt is the fault of a deny rule on the rule's own identifier.
 */
class ItemSearch {
  constructor(
    private readonly resource: Resource,
    private readonly audience: string,
    private readonly catalog: Catalog,
    private readonly policies: LayeredPolicies,
  ) {}

  *run(): Generator<void, boolean> {
    const { id } = this.resource;
    if (this.policies.deniesAll(id)) return false;
    let open: Names | undefined;
    for (const rule of this.policies.allowsOn(id)) {
      const identifier = rule.identifier === ALL ? UNNAMED : rule.identifier;
      for (const operation of rule.operations) {
        yield;
        if (operation !== ALL) {
          if (this.catalog.hasOperation(id, operation) && this.isGranted(identifier, operation)) return true;
          continue;
        }
        // `*` can be granted on a resource without operations too.
        if (this.policies.grants({ resource: id, identifier, operation: ALL })) return true;
        if (this.policies.denies({ resource: id, identifier, operation: UNNAMED })) continue;
        open ??= yield* this.openNames();
        if (yield* this.anyGranted(identifier, open)) return true;
      }
    }
    return false;
  }

  private *anyGranted(identifier: string, open: Names): Generator<void, boolean> {
    for (const name of identifier === UNNAMED ? [...open.items, ...open.bare] : open.items) {
      yield;
      if (this.isGranted(identifier, name)) return true;
    }
    return false;
  }

  private *openNames(): Generator<void, Names> {
    const names: Names = { items: [], bare: [] };
    for (const { name } of this.resource.operations) {
      yield;
      if (this.policies.denies({ resource: this.resource.id, identifier: UNNAMED, operation: name }))
        continue;
      (isBareOnly(name) ? names.bare : names.items).push(name);
    }
    return names;
  }

  private isGranted(identifier: string, operation: string): boolean {
    if (!isBareOnly(operation)) {
      return this.policies.grants({ resource: this.resource.id, identifier, operation });
    }
    const context = { catalog: this.catalog, audiences: [this.audience] };
    return (
      identifier === UNNAMED &&
      this.policies.grants({ resource: this.resource.id, identifier: ALL, operation }) &&
      meaningOf(operation, context).every((item) => this.policies.grants(item))
    );
  }
}

/** Names of operations that are items of the grammar, and those that are not. */
interface Names {
  items: string[];
  bare: string[];
}

/** The grammar cannot express every name; such an operation is granted by its bare name only. */
const isBareOnly = (name: string): boolean => name.includes(':') || !isSegment(name);
