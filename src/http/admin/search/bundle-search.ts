import { Injectable } from '@nestjs/common';
import type { Caller } from '../../../administration/access/permissions.js';
import type { JsonObject } from '../../../administration/documents/merge-patch.js';
import { Searches, type SearchLane } from '../../../database/search/search.js';
import type { SearchDefinition } from '../../../database/search/search-definition.js';
import type { SqlPart } from '../../../database/search/search-sql.js';
import { unreadable } from '../../../protocol/problem.js';
import { readQuery } from '../access/query-string.js';
import { isYamlWanted } from '../answer/representation.js';
import type { AdminRequest } from '../caller/admin-request.js';
import { bundleOf, withElements } from './bundle.js';
import { maxPageBytes, type ReadViews, readPage } from './page-reader.js';
import { readSearchRequest, type SearchRequest } from './search-request.js';

const MAX_COUNTED = 10_000;

/** Serves `GET /T`: finds the ids of one page, reads their views, and writes the Bundle. */
@Injectable()
export class BundleSearch {
  constructor(private readonly searches: Searches) {}

  /** `only` restricts the search to what the caller may see. */
  async run(
    definition: SearchDefinition,
    caller: Caller,
    { url, headers }: AdminRequest,
    read: ReadViews,
    only: readonly SqlPart[] = [],
  ): Promise<JsonObject> {
    const query = readQuery(url);
    const { path = `/${definition.type}` } = definition;
    const request = readSearchRequest(definition, query);
    if (request.impossible) return bundleOf(path, query, request, nothingFound(request));
    const where = [...request.where, ...only];
    const maxBytes = maxPageBytes(isYamlWanted(headers.accept));
    const page = await this.searches.inTurn(caller.clientId, (lane) =>
      this.readInTurn(lane, definition, { ...request, where }, read, maxBytes),
    );
    return bundleOf(path, query, request, page);
  }

  private async readInTurn(
    lane: SearchLane,
    definition: SearchDefinition,
    request: SearchRequest,
    read: ReadViews,
    maxBytes: number,
  ) {
    const found = await find(lane, definition, request);
    const places = found.slice(0, request.count);
    const ids = places.map((place) => String(place.at(-1)));
    const shown = (view: JsonObject) => withElements(view, request.elements);
    const { views, readCount } = await readPage(ids, read, shown, maxBytes);
    // The next page number would skip the rows that do not fit.
    if (request.page !== undefined && readCount < places.length) throw tooLargeForPage(readCount);
    const total = request.withTotal ? await countAll(lane, definition, request, found.length) : undefined;
    const last = found.length > readCount ? places[readCount - 1] : undefined;
    return {
      resources: views,
      ...(total === undefined ? {} : { total }),
      ...(last === undefined ? {} : { last }),
    };
  }
}

const nothingFound = ({ withTotal }: SearchRequest) => ({
  resources: [],
  ...(withTotal ? { total: 0 } : {}),
});

const tooLargeForPage = (fitting: number) =>
  unreadable('the page exceeds the maximum response size', [
    {
      path: '_count',
      message: `must be at most ${fitting} for these rows, or follow the \`next\` links instead of _page`,
    },
  ]);

/** One row more than the page holds, to detect a next page. */
function find(lane: SearchLane, { from }: SearchDefinition, request: SearchRequest) {
  const { order, after, count, page = 1, where } = request;
  return lane.page({
    from,
    where,
    order: order.columns,
    limit: count + 1,
    offset: (page - 1) * count,
    ...(after ? { after } : {}),
  });
}

/** The last page yields the total: a search that matches few rows of a large table is not run twice. */
async function countAll(
  lane: SearchLane,
  { from }: SearchDefinition,
  { after, count, page = 1, where }: SearchRequest,
  found: number,
): Promise<number | undefined> {
  const isLast = after === undefined && found <= count && (found > 0 || page === 1);
  const known = (page - 1) * count + found;
  if (isLast && known <= MAX_COUNTED) return known;
  const counted = await lane.count({ from, where }, MAX_COUNTED + 1);
  return counted > MAX_COUNTED ? undefined : counted;
}
