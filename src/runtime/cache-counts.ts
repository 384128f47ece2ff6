/** Hits and misses of a cache; plain numbers, so that counting costs nothing on the hot path. */
export interface CacheCounts {
  hits: number;
  misses: number;
}

const counts = new Map<string, CacheCounts>();

/** The counts of the cache of this name, in this process. */
export function cacheCounts(name: string): CacheCounts {
  let found = counts.get(name);
  if (!found) {
    found = { hits: 0, misses: 0 };
    counts.set(name, found);
  }
  return found;
}

export const allCacheCounts = (): ReadonlyMap<string, CacheCounts> => counts;
