import type { SearchDefinition } from '../../../database/search/search-definition.js';
import type { SortColumn } from '../../../database/search/search-sql.js';

/** FHIR's names for sort keys that have a different name here. */
const ALIASES: Readonly<Record<string, string>> = { _id: 'id', _lastUpdated: 'lastUpdated' };

export interface SortOrder {
  /** As requested; a cursor is bound to it. */
  text: string;
  columns: [...SortColumn[], SortColumn];
}

/** Parses `_sort=a,-b`. Rows equal in all of it are sorted by id. Returns a message if it is invalid. */
export function readSortOrder(definition: SearchDefinition, text: string): SortOrder | string {
  const columns: SortColumn[] = [];
  const names = text.split(',').map((word) => canonical(word.replace(/^-/, '')));
  for (const [position, word] of text.split(',').entries()) {
    const name = names[position] as string;
    const key = definition.sortKeys.get(name);
    if (!key) return noSortKey(definition);
    if (names.indexOf(name) < position) return 'contains a sort key twice';
    columns.push({ ...key, descending: word.startsWith('-') });
  }
  // Ids are unique, so later keys have no effect.
  const id = columns.findIndex(({ sql }) => sql === definition.id.sql);
  if (id >= 0) return { text, columns: columns.slice(0, id + 1) as [SortColumn] };
  return { text, columns: [...columns, { ...definition.id, descending: false }] };
}

function noSortKey({ type, sortKeys, sortHint }: SearchDefinition): string {
  const hint = sortHint === undefined ? '' : `; ${sortHint}`;
  return `is not a sort key of ${type}: use ${[...sortKeys.keys()].join(', ')}${hint}`;
}

const canonical = (name: string): string => (Object.hasOwn(ALIASES, name) ? (ALIASES[name] as string) : name);
