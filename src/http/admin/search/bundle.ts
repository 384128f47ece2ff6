import { maskedInAscii } from '../../../../packages/protocol/src/masked.js';
import type { JsonObject } from '../../../administration/documents/merge-patch.js';
import type { SqlValue } from '../../../database/durable-writer.js';
import { type QueryParameter, writeQuery } from '../access/query-string.js';
import { writeCursor } from './cursor.js';
import type { SearchRequest } from './search-request.js';

const PLACES = new Set(['_page', '_after']);

/** One page of a search. */
export interface Page {
  resources: readonly JsonObject[];
  /** Absent if not requested, or above the counting limit. */
  total?: number;
  /** The sort values of the last row, if there are more rows. */
  last?: readonly SqlValue[];
}

/** The response to a search, in the manner of FHIR. */
export function bundleOf(
  path: string,
  query: readonly QueryParameter[],
  request: SearchRequest,
  page: Page,
): JsonObject {
  const { total, resources } = page;
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    ...(total === undefined ? {} : { total }),
    entry: resources.map((resource) => ({ resource })),
    link: linksOf(path, query, request, page.last),
  };
}

/** The next link uses the key, so that rows inserted or deleted meanwhile cause no duplicates and no gaps. */
function linksOf(
  path: string,
  query: readonly QueryParameter[],
  { page, count, order }: SearchRequest,
  last: readonly SqlValue[] | undefined,
): JsonObject[] {
  // A value may be a misplaced token; no row matches one, so the links lose nothing.
  const shown = query.map(
    ([name, value]): QueryParameter => [name, PLACES.has(name) ? value : maskedInAscii(value)],
  );
  const elsewhere = shown.filter(([name]) => !PLACES.has(name) && name !== '_count');
  const to = (relation: string, place: readonly QueryParameter[]) => ({
    relation,
    url: writeQuery(path, [['_count', String(count)], ...elsewhere, ...place]),
  });
  const links = [{ relation: 'self', url: writeQuery(path, shown) }, to('first', [])];
  if (page !== undefined && page > 1) links.push(to('previous', [['_page', String(page - 1)]]));
  if (last) links.push(to('next', [['_after', writeCursor(order.text, last)]]));
  return links;
}

/** The requested members, and those that identify the resource. */
export function withElements(resource: JsonObject, elements: ReadonlySet<string> | undefined): JsonObject {
  if (!elements) return resource;
  const kept = Object.entries(resource).filter(
    ([name]) => elements.has(name) || name === 'resourceType' || name === 'id',
  );
  return Object.fromEntries(kept);
}
