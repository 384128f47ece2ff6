import { LRUCache } from 'lru-cache';
import type { ConfigurationKind, ConfigurationRevision, Revisions } from './configuration-revision.js';

const MOST_ENTRIES = 10_000;

interface Entry<V> {
  value: V | Promise<V>;
}

/** Remembers what was read of one kind of configuration until its revision moves; never older than a second. */
export class RevisionedCache<V> {
  private readonly entries: LRUCache<string, Entry<V>>;
  private loadedAt = -1;

  constructor(
    private readonly revision: ConfigurationRevision,
    private readonly kind: ConfigurationKind,
    private readonly load: (key: string) => Promise<V>,
    most = MOST_ENTRIES,
  ) {
    this.entries = new LRUCache({ max: most });
  }

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
      this.loadedAt = revisions[this.kind];
    }
    return (this.entries.get(key) ?? this.fill(key)).value;
  }

  /** Callers that miss together share one load; a load that fails is not remembered. */
  private fill(key: string): Entry<V> {
    const entry: Entry<V> = {
      value: this.load(key).then(
        (value) => {
          entry.value = value;
          return value;
        },
        (error) => {
          if (this.entries.peek(key) === entry) this.entries.delete(key);
          throw error;
        },
      ),
    };
    this.entries.set(key, entry);
    return entry;
  }
}
