import { ALL, type ScopeItem } from '../../../../packages/protocol/src/scope-item.js';
import type { Catalog } from '../../../resources/catalog.js';
import type { Resource } from '../../../resources/resource.js';
import { betweenSlices } from '../../../runtime/slices.js';
import type { CatalogChange } from '../audience-gains.js';
import type { ResourceChange } from '../resource-escalation.js';

/** A bare operation name of an audience whose meaning a write of a resource changes. */
export interface ChangedName {
  name: string;
  audience: string;
  /** The items that the write adds to its meaning or removes from it. */
  item: ScopeItem;
  isAdded: boolean;
  /** Whether its resource did not exist: no policy names it, so there is no right on it to gain. */
  isCreated: boolean;
}

/** The changed names of an audience, except those that mean nothing there any more. */
export interface ChangedNames {
  resource: string;
  audience: string;
  /** The other resources of the audience. */
  others: ReadonlySet<string>;
  /** By name, what it meant there before on other resources, the last first. */
  former: ReadonlyMap<string, readonly ScopeItem[]>;
  /** Other resources have these names too. */
  shared: ChangedName[];
  /** No resource of the audience had these names. */
  added: ChangedName[];
}

/** By name, the resources that had it in this audience, the last to lose it first. */
export type FormerOwners = (
  audience: string,
  names: readonly string[],
) => Promise<ReadonlyMap<string, readonly string[]>>;

/** The names of each audience by whose changed meaning a client can gain anything. */
export async function changedNames(
  change: ResourceChange,
  catalogs: CatalogChange,
  formerOwners: FormerOwners,
): Promise<ChangedNames[]> {
  const { before } = catalogs;
  const written = [change.before, change.after].filter((resource) => resource !== null);
  const audiences = new Set(written.map((resource) => before.audienceOf(resource)));
  const found: ChangedNames[] = [];
  for (const audience of audiences) {
    const changed = changedIn(audience, change, catalogs);
    const names = [...changed.shared, ...changed.added].map(({ name }) => name);
    if (names.length === 0) continue;
    await betweenSlices();
    const owners = await formerOwners(audience, names);
    const former = formerItems(changed, owners, keptNames(audience, change, before));
    if (before.isAudience(audience) || former.size > 0) found.push({ ...changed, former });
  }
  return found;
}

/** A name that returns to the resource that had it last means the same as if it had never left. */
function formerItems(
  { resource, added }: Omit<ChangedNames, 'former'>,
  owners: ReadonlyMap<string, readonly string[]>,
  kept: Names,
): Map<string, ScopeItem[]> {
  const isAdded = new Set(added.map(({ name }) => name));
  const items = new Map<string, ScopeItem[]>();
  for (const [operation, ids] of owners) {
    if (kept.has(operation) || (isAdded.has(operation) && ids[0] === resource)) continue;
    const others = ids.filter((id) => id !== resource);
    if (others.length === 0) continue;
    items.set(
      operation,
      others.map((id) => ({ resource: id, identifier: ALL, operation })),
    );
  }
  return items;
}

/** The names that a resource has before and after the write, though its deletion and creation are judged. */
const keptNames = (audience: string, { replaced }: ResourceChange, catalog: Catalog): Names =>
  replaced && catalog.audienceOf(replaced) === audience ? namesOf(replaced) : new Set();

function changedIn(
  audience: string,
  change: ResourceChange,
  { before, after }: CatalogChange,
): Omit<ChangedNames, 'former'> {
  const id = (change.after ?? change.before)?.id ?? '';
  const [was, is] = [before, after].map((catalog) => namesIn(audience, id, catalog)) as [Names, Names];
  const changedTo = (isAdded: boolean) => (name: string) => ({
    name,
    audience,
    item: { resource: id, identifier: ALL, operation: name },
    isAdded,
    isCreated: change.before === null && !change.replaced,
  });
  const removed = [...was].filter((name) => !is.has(name)).map(changedTo(false));
  const added = [...is].filter((name) => !was.has(name)).map(changedTo(true));
  const others = before.withAudience(audience).filter((resource) => resource.id !== id);
  const known = new Set(others.flatMap(({ operations }) => operations.map(({ name }) => name)));
  return {
    resource: id,
    audience,
    others: new Set(others.map((resource) => resource.id)),
    shared: [...removed, ...added].filter(({ name }) => known.has(name)),
    added: added.filter(({ name }) => !known.has(name)),
  };
}

type Names = ReadonlySet<string>;

const namesOf = ({ operations }: Resource): Names => new Set(operations.map(({ name }) => name));

function namesIn(audience: string, id: string, catalog: Catalog): Names {
  const resource = catalog.find(id);
  const isIn = resource && catalog.audienceOf(resource) === audience;
  return isIn ? namesOf(resource) : new Set();
}
