import type { SqlPart } from './search-sql.js';

/** The restriction that a parameter's value implies; `nothing`: no row can match it. */
export type Restriction = SqlPart | 'nothing' | { fault: string };

export interface SearchParameter {
  restrict(value: string): Restriction;
  /** May be repeated, each value restricting further. */
  repeats?: true;
}
