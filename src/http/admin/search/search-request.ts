import { places, type SqlValue } from '../../../database/durable-writer.js';
import type { SearchDefinition } from '../../../database/search/search-definition.js';
import type { SqlPart } from '../../../database/search/search-sql.js';
import { type Fault, unreadable } from '../../../protocol/problem.js';
import type { QueryParameter } from '../access/query-string.js';
import { readCursor } from './cursor.js';
import { readSortOrder, type SortOrder } from './sort-order.js';

/** Ids, and the thumbprints of keys, which may begin with any base64url character. */
const KEY_SYNTAX = /^[A-Za-z0-9._-]{1,64}$/;

const DEFAULT_COUNT = 50;
const MAX_COUNT = 1000;
const CONTROLS = new Set(['_count', '_page', '_after', '_sort', '_elements', '_total', '_id']);

/** A search, parsed from its query. */
export interface SearchRequest {
  count: number;
  /** Absent if no page was requested. */
  page?: number;
  order: SortOrder;
  after?: readonly SqlValue[];
  elements?: ReadonlySet<string>;
  withTotal: boolean;
  where: SqlPart[];
  /** Whether some value cannot match any row. */
  impossible: boolean;
}

/** Parses a query; throws 400 with all its faults. */
export function readSearchRequest(
  definition: SearchDefinition,
  query: readonly QueryParameter[],
): SearchRequest {
  const faults = misplaced(definition, query);
  const given = new Map(query);
  const refuse = (path: string, message: string) => faults.push({ path, message });

  const order = readSortOrder(definition, given.get('_sort') ?? definition.firstOrder);
  if (typeof order === 'string') refuse('_sort', order);
  const count = readNumber(given.get('_count') ?? String(DEFAULT_COUNT));
  if (!(count >= 1 && count <= MAX_COUNT)) refuse('_count', `must be a whole number from 1 to ${MAX_COUNT}`);
  const page = given.has('_page') ? readNumber(given.get('_page') as string) : undefined;
  if (page !== undefined && !(page >= 1)) refuse('_page', 'must be a whole number of at least 1');
  const cursor = given.get('_after');
  if (cursor !== undefined && page !== undefined) refuse('_after', 'cannot be combined with _page');
  const after =
    cursor === undefined || typeof order === 'string'
      ? undefined
      : readCursor(cursor, order.text, order.columns);
  if (cursor !== undefined && !after) refuse('_after', 'must be taken from a next link with the same _sort');
  const total = given.get('_total') ?? 'accurate';
  if (total !== 'none' && total !== 'accurate') refuse('_total', 'must be none or accurate');
  const elements = given.get('_elements')?.split(',');
  if (elements?.some((name) => !definition.elements.has(name))) {
    refuse('_elements', `must contain only ${[...definition.elements].join(', ')}`);
  }
  const { where, impossible } = readRestrictions(definition, query, faults);

  if (faults.length > 0 || typeof order === 'string')
    throw unreadable('the query contains invalid parameters', faults);
  return {
    count,
    order,
    withTotal: total !== 'none',
    where,
    impossible,
    ...(page === undefined ? {} : { page }),
    ...(after === undefined ? {} : { after }),
    ...(elements === undefined ? {} : { elements: new Set(elements) }),
  };
}

/** Unknown parameters, and repeated ones that may be given only once. */
function misplaced(definition: SearchDefinition, query: readonly QueryParameter[]): Fault[] {
  const seen = new Set<string>();
  return query.flatMap(([name]): Fault[] => {
    const parameter = definition.parameters.get(name);
    if (!parameter && !CONTROLS.has(name)) return [{ path: name, message: 'unknown search parameter' }];
    if (seen.has(name) && !parameter?.repeats) return [{ path: name, message: 'occurs more than once' }];
    seen.add(name);
    return [];
  });
}

function readRestrictions(definition: SearchDefinition, query: readonly QueryParameter[], faults: Fault[]) {
  const where: SqlPart[] = [];
  let impossible = false;
  for (const [name, value] of query) {
    const restriction =
      name === '_id' ? oneOfIds(definition, value) : definition.parameters.get(name)?.restrict(value);
    if (restriction === 'nothing') impossible = true;
    else if (restriction && 'fault' in restriction) faults.push({ path: name, message: restriction.fault });
    else if (restriction) where.push(restriction);
  }
  return { where, impossible };
}

function oneOfIds({ id }: SearchDefinition, value: string): SqlPart | 'nothing' {
  const ids = value.split(',').filter((one) => KEY_SYNTAX.test(one));
  return ids.length === 0 ? 'nothing' : { sql: `${id.sql} IN (${places(ids)})`, values: ids };
}

/** NaN unless the text is an integer of at most nine digits. */
const readNumber = (text: string): number => (/^\d{1,9}$/.test(text) ? Number(text) : Number.NaN);
