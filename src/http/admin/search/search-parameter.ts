import type { SqlPart } from '../../../database/search/search-sql.js';

/** What a value of a parameter restricts a search to; `nothing`: no row can have it. */
export type Restriction = SqlPart | 'nothing' | { fault: string };

export interface SearchParameter {
  restrict(value: string): Restriction;
  /** May be given more than once, each value restricting further. */
  repeats?: true;
}
