import { ALL, type ScopeItem } from '../../../packages/protocol/src/scope-item.js';
import type { Catalog } from '../../resources/catalog.js';
import type { CatalogChange } from './audience-gains.js';
import type { ResourceChange } from './resource-escalation.js';

/** A bare operation name of an audience whose meaning a write of a resource changes. */
export interface ChangedName {
  name: string;
  audience: string;
  /** What the write adds to its meaning or removes from it. */
  item: ScopeItem;
  isAdded: boolean;
  /** Whether its resource did not exist: no policy names it, so there is no right on it to gain. */
  isCreated: boolean;
}

/** The changed names of an audience that was registered, except those that mean nothing there any more. */
export interface ChangedNames {
  resource: string;
  audience: string;
  /** The other resources of the audience. */
  others: ReadonlySet<string>;
  /** Other resources have these names too. */
  shared: ChangedName[];
  /** No resource of the audience had these names. */
  added: ChangedName[];
}

export function changedNames(change: ResourceChange, catalogs: CatalogChange): ChangedNames[] {
  const { before } = catalogs;
  const written = [change.before, change.after].filter((resource) => resource !== null);
  const audiences = new Set(written.map((resource) => before.audienceOf(resource)));
  return [...audiences]
    .filter((audience) => before.isAudience(audience))
    .map((audience) => changedIn(audience, change, catalogs))
    .filter(({ shared, added }) => shared.length + added.length > 0);
}

function changedIn(audience: string, change: ResourceChange, { before, after }: CatalogChange): ChangedNames {
  const id = (change.after ?? change.before)?.id ?? '';
  const [was, is] = [before, after].map((catalog) => namesIn(audience, id, catalog)) as [Names, Names];
  const changedTo = (isAdded: boolean) => (name: string) => ({
    name,
    audience,
    item: { resource: id, identifier: ALL, operation: name },
    isAdded,
    isCreated: change.before === null,
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

function namesIn(audience: string, id: string, catalog: Catalog): Names {
  const resource = catalog.find(id);
  const isIn = resource && catalog.audienceOf(resource) === audience;
  return new Set(isIn ? resource.operations.map(({ name }) => name) : []);
}
