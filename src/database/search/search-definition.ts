import type { OwnType } from '../../../packages/protocol/src/own-type.js';
import { dated } from './parameter-kinds.js';
import type { SearchParameter } from './search-parameter.js';
import type { SortColumn } from './search-sql.js';

export type SortKey = Omit<SortColumn, 'descending'>;

/** The searchable parameters of one type: contains all SQL of its search, none of it from a request. */
export interface SearchDefinition {
  type: OwnType;
  /** Where it is served, if not at its type. */
  path?: string;
  from: string;
  /** Identifies the row; the last sort key of every search. */
  id: SortKey;
  parameters: ReadonlyMap<string, SearchParameter>;
  sortKeys: ReadonlyMap<string, SortKey>;
  firstOrder: string;
  /** Why there are not more sort keys, for this caller. */
  sortHint?: string;
  /** Members of the view that `_elements` may name. */
  elements: ReadonlySet<string>;
}

interface OwnParts {
  parameters: Record<string, SearchParameter>;
  sortKeys: Record<string, SortKey>;
  elements: readonly string[];
}

export const idWord = (sql: string): SortKey => ({ sql, values: [], kind: 'id' });

export const word = (sql: string): SortKey => ({ sql, values: [], kind: 'text' });

export const number = (sql: string): SortKey => ({ sql, values: [], kind: 'number' });

/** The search of a configuration table, aliased `t` in its own SQL fragments. */
export function configurationSearch(type: OwnType, table: string, own: OwnParts): SearchDefinition {
  return {
    type,
    from: `${table} t`,
    id: idWord('t.id'),
    parameters: new Map(Object.entries({ _lastUpdated: dated('t.updated_at'), ...own.parameters })),
    sortKeys: new Map(
      Object.entries({
        id: idWord('t.id'),
        createdAt: number('t.created_at'),
        lastUpdated: number('t.updated_at'),
        ...own.sortKeys,
      }),
    ),
    firstOrder: 'id',
    elements: new Set(['resourceType', 'id', 'meta', ...own.elements]),
  };
}
