import { allCacheCounts } from '../runtime/cache-counts.js';
import type { LabeledValue, Metrics } from './metrics.js';

/** The hit rates of all caches; one that was not used yet is not listed. */
export function registerCacheMetrics(metrics: Metrics): void {
  metrics.total(
    { name: 'latchkey_cache_requests_total', help: 'Lookups in a cache.', labels: ['cache', 'result'] },
    () =>
      [...allCacheCounts()].flatMap(([cache, { hits, misses }]): LabeledValue[] => [
        [{ cache, result: 'hit' }, hits],
        [{ cache, result: 'miss' }, misses],
      ]),
  );
}
