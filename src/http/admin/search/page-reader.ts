import { setImmediate as nextTurn } from 'node:timers/promises';
import type { JsonObject } from '../../../administration/documents/merge-patch.js';

const MAX_PAGE_BYTES = 1024 * 1024;
/** YAML takes a hundred times as long to serialise as JSON: about 40 ms for a page of this size. */
const MAX_YAML_PAGE_BYTES = 128 * 1024;
const FIRST_CHUNK_ROWS = 4;
const MAX_CHUNK_ROWS = 50;

/** Reads the views of these ids, in any order. */
export type ReadViews = (ids: readonly string[]) => Promise<JsonObject[]>;

export const maxPageBytes = (isYaml: boolean): number => (isYaml ? MAX_YAML_PAGE_BYTES : MAX_PAGE_BYTES);

/** The views of one page, in the order of their ids. */
export interface PageOfViews {
  views: JsonObject[];
  /** How many ids were read; fewer than requested if the page filled up first. */
  readCount: number;
}

/**
 * Reads views until the page reaches its size in bytes; the first one always fits. Reads a few at a time and yields
 * in between, so that neither memory nor event-loop delay depends on row size.
 */
export async function readPage(
  ids: readonly string[],
  read: ReadViews,
  shown: (view: JsonObject) => JsonObject,
  maxBytes: number,
): Promise<PageOfViews> {
  const views: JsonObject[] = [];
  let bytes = 0;
  let readCount = 0;
  while (readCount < ids.length) {
    const chunk = ids.slice(readCount, readCount + chunkRows(readCount, bytes, maxBytes));
    const found = new Map((await read(chunk)).map((view) => [view.id, view]));
    for (const id of chunk) {
      const view = found.get(id);
      if (view) {
        const entry = shown(view);
        bytes += Buffer.byteLength(JSON.stringify(entry));
        if (bytes > maxBytes && views.length > 0) return { views, readCount };
        views.push(entry);
      }
      readCount++;
    }
    await nextTurn();
  }
  return { views, readCount };
}

/** As many rows as are likely to fit, estimated from those read so far. */
function chunkRows(readCount: number, bytes: number, maxBytes: number): number {
  if (readCount === 0) return FIRST_CHUNK_ROWS;
  const likely = Math.ceil(((maxBytes - bytes) * readCount) / Math.max(bytes, 1));
  return Math.min(Math.max(likely, 1), MAX_CHUNK_ROWS);
}
