import { isUtf8 } from 'node:buffer';
import type { SqlValue } from '../../../database/durable-writer.js';
import type { SortColumn } from '../../../database/search/search-sql.js';
import { parseJson } from '../../../protocol/json-text.js';

const LONGEST = 8192;
const VISIBLE = /^[\x21-\x7E]+$/;

/** A row's position in a sort order: opaque to callers, and valid for that order only. */
export const writeCursor = (order: string, place: readonly SqlValue[]): string =>
  Buffer.from(JSON.stringify([order, ...place])).toString('base64url');

/** The sort values of a cursor; undefined if it was not made by this server for this order. */
export function readCursor(
  cursor: string,
  order: string,
  columns: readonly SortColumn[],
): SqlValue[] | undefined {
  if (cursor.length > LONGEST) return undefined;
  const bytes = Buffer.from(cursor, 'base64url');
  if (bytes.toString('base64url') !== cursor || !isUtf8(bytes)) return undefined;
  const [itsOrder, ...place] = parseList(bytes.toString('utf8'));
  if (itsOrder !== order || place.length !== columns.length) return undefined;
  const fits = columns.every(({ kind }, position) => isSortValue(kind, place[position]));
  return fits ? (place as SqlValue[]) : undefined;
}

function parseList(text: string): unknown[] {
  try {
    const value = parseJson(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

function isSortValue(kind: SortColumn['kind'], value: unknown): boolean {
  if (kind === 'number') return Number.isSafeInteger(value);
  return typeof value === 'string' && (kind === 'text' || VISIBLE.test(value));
}
