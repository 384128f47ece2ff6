import { searchPath } from '../../api/request.ts';

const PAGE_ROWS = 25;

/** How many are selected at once: one page of the search, and one write. */
export const MAX_MATCHING = 1_000;

type Filters = Record<string, string | undefined>;

const parametersOf = ({ text, owner, label, active, method, unused, expires }: Filters) => ({
  text,
  owner,
  label,
  active,
  method,
  unused,
  expires: expires === undefined ? undefined : `le${expires}`,
});

/** One page of the clients that the filters leave. */
export const pagePath = (filters: Filters): string =>
  searchPath('Client', { ...parametersOf(filters), _count: PAGE_ROWS, _after: filters.after });

/** All of them, with their versions. */
export const matchingPath = (filters: Filters): string =>
  searchPath('Client', { ...parametersOf(filters), _count: MAX_MATCHING, _elements: 'active,meta' });
