import { AdmissionCache } from '../../runtime/admission-cache.js';
import { type CacheCounts, cacheCounts } from '../../runtime/cache-counts.js';
import type { ConfigurationKind, ConfigurationRevision, Revisions } from './configuration-revision.js';

const MAX_ENTRIES = 20_000;

interface Entry<V> {
  value: V;
}

/** Caches what was read of one kind of configuration until its revision changes; never older than a second. */
export class RevisionedCache<V> {
  private readonly entries = new AdmissionCache<Entry<V>>({ max: MAX_ENTRIES });
  /** Concurrent misses share one load; a failed load is not cached. */
  private loading = new Map<string, Promise<V>>();
  private loadedAt = -1;
  private readonly counts: CacheCounts;

  constructor(
    private readonly revision: ConfigurationRevision,
    private readonly kind: ConfigurationKind,
    private readonly load: (key: string) => Promise<V>,
  ) {
    this.counts = cacheCounts(kind);
  }

  /** A value that is cached and current, without a promise, for the hot path. */
  peek(key: string): V | undefined {
    const revisions = this.revision.peek();
    return revisions && this.entryAt(revisions, key)?.value;
  }

  async get(key: string): Promise<V> {
    const revisions = this.revision.peek();
    const cached = revisions && this.entryAt(revisions, key);
    if (cached) return cached.value;
    if (this.revision.isWithinTransaction) return this.load(key);
    const entry = revisions ? undefined : this.entryAt(await this.revision.current(), key);
    if (entry) return entry.value;
    this.counts.misses++;
    return this.loading.get(key) ?? this.fill(key);
  }

  private entryAt(revisions: Revisions, key: string): Entry<V> | undefined {
    if (revisions[this.kind] !== this.loadedAt) {
      this.entries.clear();
      this.loading = new Map();
      this.loadedAt = revisions[this.kind];
    }
    const entry = this.entries.get(key);
    if (entry) this.counts.hits++;
    return entry;
  }

  private fill(key: string): Promise<V> {
    const { loading } = this;
    const filled = this.load(key)
      .then((value) => {
        // A value loaded before the revision changed is stale.
        if (loading === this.loading) this.entries.set(key, { value });
        return value;
      })
      .finally(() => loading.delete(key));
    loading.set(key, filled);
    return filled;
  }
}
