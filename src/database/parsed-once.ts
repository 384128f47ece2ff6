import { LRUCache } from 'lru-cache';

const MAX_CHARACTERS = 1024 * 1024;
const MAX_TEXT = 16 * 1024;

const parsed = new LRUCache<string, object>({
  maxSize: MAX_CHARACTERS,
  maxEntrySize: MAX_TEXT,
  sizeCalculation: (_value, text) => text.length + 1,
});

/**
 * Parses a JSON column; the result is read-only, because equal texts, common among clients and policies, share it.
 */
export function parsedOnce<T extends object>(text: string): T {
  let value = parsed.get(text);
  if (!value) {
    value = JSON.parse(text) as object;
    parsed.set(text, value);
  }
  return value as T;
}
