import { AdmissionCache } from '../runtime/admission-cache.js';
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

  constructor(
    private readonly revision: ConfigurationRevision,
    private readonly kind: ConfigurationKind,
    private readonly load: (key: string) => Promise<V>,
  ) {}

  /** Returns a cached value without a promise, for the hot paths. */
  get(key: string): V | Promise<V> {
    const revisions = this.revision.current();
    return revisions instanceof Promise
      ? revisions.then((fresh) => this.at(fresh, key))
      : this.at(revisions, key);
  }

  private at(revisions: Revisions, key: string): V | Promise<V> {
    if (revisions[this.kind] !== this.loadedAt) {
      this.entries.clear();
      this.loading = new Map();
      this.loadedAt = revisions[this.kind];
    }
    const entry = this.entries.get(key);
    return entry ? entry.value : (this.loading.get(key) ?? this.fill(key));
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
