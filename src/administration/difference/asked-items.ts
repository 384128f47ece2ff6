import { isOwnType } from '../../../packages/protocol/src/own-type.js';
import { ALL, formatScopeItem, isSegment } from '../../../packages/protocol/src/scope-item.js';
import { type Policy, rulesOf } from '../../policies/policy.js';
import type { Catalog } from '../../resources/catalog.js';
import type { Standing } from './configurations.js';
import type { RulePart } from './rule-parts.js';

/** Something that a client can be granted, as a request names it. */
export interface AskedItem {
  scope: string;
  resource: string;
  /** Of the bare name of an operation, which the grammar cannot express otherwise: the audience within which it means it. */
  audience?: string;
}

const RULES_PER_STEP = 100;

/** The items whose decision the parts of rules can change: of each operation, and of each identifier that rules name. */
export function* itemsOf(
  parts: readonly RulePart[],
  stored: Standing,
  proposed: Standing,
): Generator<AskedItem | undefined> {
  const named = new NamedIdentifiers();
  for (const { policies } of [stored, proposed]) yield* named.add(policies);
  const catalogs = [stored.catalog, proposed.catalog];
  for (const part of parts) {
    for (const resource of resourcesOf(part, catalogs)) {
      for (const operation of operationsOf(part, resource, catalogs)) {
        const identifiers = identifiersOf(part, resource, named);
        yield* isSegment(operation) && !operation.includes(':')
          ? identifiers.map((identifier) => itemOf(resource, identifier, operation))
          : audiencesOf(resource, catalogs).map((audience) => ({ scope: operation, resource, audience }));
      }
    }
  }
}

const itemOf = (resource: string, identifier: string, operation: string): AskedItem => ({
  resource,
  scope: formatScopeItem({ resource, identifier, operation }),
});

function audiencesOf(id: string, catalogs: readonly Catalog[]): string[] {
  const found = catalogs.flatMap((catalog) => {
    const resource = catalog.find(id);
    return resource ? [catalog.audienceOf(resource)] : [];
  });
  return [...new Set(found)];
}

function resourcesOf({ resource }: RulePart, catalogs: readonly Catalog[]): string[] {
  if (resource !== ALL) return [resource];
  const ids = catalogs.flatMap((catalog) => catalog.all().map(({ id }) => id));
  return [...new Set(ids)].filter((id) => !isOwnType(id));
}

function operationsOf({ operation }: RulePart, resource: string, catalogs: readonly Catalog[]): string[] {
  if (operation !== ALL)
    return catalogs.some((catalog) => catalog.hasOperation(resource, operation)) ? [operation] : [];
  const names = catalogs.flatMap((catalog) => catalog.find(resource)?.operations ?? []);
  return [...new Set(names.map(({ name }) => name))];
}

/** A rule on one identifier decides on that one; a denial of it also on every identifier at once. */
function identifiersOf(
  { effect, identifier }: RulePart,
  resource: string,
  named: NamedIdentifiers,
): string[] {
  if (identifier === ALL) return [ALL, ...named.of(resource)];
  return effect === 'deny' ? [identifier, ALL] : [identifier];
}

/** The identifiers that rules name, by resource. */
class NamedIdentifiers {
  private readonly byResource = new Map<string, Set<string>>();
  private readonly listed = new Map<string, string[]>();

  *add(policies: readonly Policy[]): Generator<undefined> {
    let read = 0;
    for (const { resource, identifier } of policies.flatMap(rulesOf)) {
      if (identifier !== ALL) this.at(resource).add(identifier);
      if (++read % RULES_PER_STEP === 0) yield undefined;
    }
  }

  of(resource: string): readonly string[] {
    const known = this.listed.get(resource);
    if (known) return known;
    const ofAll = isOwnType(resource) ? [] : this.at(ALL);
    const list = [...new Set([...this.at(resource), ...ofAll])];
    this.listed.set(resource, list);
    return list;
  }

  private at(resource: string): Set<string> {
    let found = this.byResource.get(resource);
    if (!found) {
      found = new Set();
      this.byResource.set(resource, found);
    }
    return found;
  }
}
