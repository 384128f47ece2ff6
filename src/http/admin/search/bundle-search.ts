import { Injectable } from '@nestjs/common';
import { Searches } from '../../../database/search.js';
import type { SqlPart } from '../../../database/search-sql.js';
import { readQuery } from '../access/query-string.js';
import type { JsonObject } from '../body/merge-patch.js';
import { bundleOf, withElements } from './bundle.js';
import type { SearchDefinition } from './search-definition.js';
import { readSearchRequest, type SearchRequest } from './search-request.js';

const MOST_COUNTED = 10_000;

/** Reads the views of these ids, in any order. */
type ReadViews = (ids: readonly string[]) => Promise<JsonObject[]>;

/** Answers `GET /T`: finds the ids of one page, has their views read, and ties them up. */
@Injectable()
export class BundleSearch {
  constructor(private readonly searches: Searches) {}

  /** `only` narrows the search to what the caller may see. */
  async run(
    definition: SearchDefinition,
    url: string,
    read: ReadViews,
    only: readonly SqlPart[] = [],
  ): Promise<JsonObject> {
    const query = readQuery(url);
    const request = readSearchRequest(definition, query);
    const where = [...request.where, ...only];
    const found = request.impossible ? [] : await this.find(definition, request, where);
    const places = found.slice(0, request.count);
    const ids = places.map((place) => String(place.at(-1)));
    const views = new Map<unknown, JsonObject>();
    if (ids.length > 0) for (const view of await read(ids)) views.set(view.id, view);
    const total = request.withTotal ? await this.total(definition, request, where, found.length) : undefined;
    const last = found.length > request.count ? places.at(-1) : undefined;
    return bundleOf(`/${definition.type}`, query, request, {
      resources: ids
        .map((id) => views.get(id))
        .filter((view) => view !== undefined)
        .map((view) => withElements(view, request.elements)),
      ...(total === undefined ? {} : { total }),
      ...(last === undefined ? {} : { last }),
    });
  }

  /** One row more than the page has, to know whether there is a next one. */
  private find({ from }: SearchDefinition, request: SearchRequest, where: readonly SqlPart[]) {
    const { order, after, count, page = 1 } = request;
    return this.searches.page({
      from,
      where,
      order: order.columns,
      limit: count + 1,
      offset: (page - 1) * count,
      ...(after ? { after } : {}),
    });
  }

  /** A page that is the last one has told how many there are: what is rare in a large table is not looked for twice. */
  private async total(
    { from }: SearchDefinition,
    request: SearchRequest,
    where: readonly SqlPart[],
    found: number,
  ): Promise<number | undefined> {
    if (request.impossible) return 0;
    const { after, count, page = 1 } = request;
    const isLast = after === undefined && found <= count && (found > 0 || page === 1);
    const known = (page - 1) * count + found;
    if (isLast && known <= MOST_COUNTED) return known;
    const counted = await this.searches.count({ from, where }, MOST_COUNTED + 1);
    return counted > MOST_COUNTED ? undefined : counted;
  }
}
