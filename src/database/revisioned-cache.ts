import { AdmissionCache } from '../runtime/admission-cache.js';
import type { ConfigurationKind, ConfigurationRevision, Revisions } from './configuration-revision.js';

const MAX_ENTRIES = 20_000;

interface Entry<V> {
  value: V;
}

/** Remembers what was read of one kind of configuration until its revision moves; never older than a second. */
export class RevisionedCache<V> {
  private readonly entries = new AdmissionCache<Entry<V>>({ max: MAX_ENTRIES });
  /** Callers that miss together share one load; a load that fails is not remembered. */
  private loading = new Map<string, Promise<V>>();
  private loadedAt = -1;

  constructor(
    private readonly revision: ConfigurationRevision,
    private readonly kind: ConfigurationKind,
    private readonly load: (key: string) => Promise<V>,
  ) {}

  /** Answers without a promise where the value is at hand, for the paths that run at every token. */
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
        // What was loaded before the revision moved is of no use after it.
        if (loading === this.loading) this.entries.set(key, { value });
        return value;
      })
      .finally(() => loading.delete(key));
    loading.set(key, filled);
    return filled;
  }
}
