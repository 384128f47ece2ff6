import { AdmissionCache } from '../../runtime/admission-cache.js';
import { type CacheCounts, cacheCounts } from '../../runtime/cache-counts.js';
import type { ConfigurationKind, ConfigurationRevision, Revisions } from './configuration-revision.js';

/**
 * Caches values derived from several kinds of configuration until any of their revisions changes. On a miss, the
 * caller computes the value and passes it in with the basis it started from.
 */
export class RevisionedMemo<V extends object> {
  private readonly values: AdmissionCache<V>;
  private basedOn = -1;
  private readonly counts: CacheCounts;

  constructor(
    private readonly revision: ConfigurationRevision,
    private readonly kinds: readonly ConfigurationKind[],
    most: number,
    name: string,
  ) {
    this.counts = cacheCounts(name);
    this.values = new AdmissionCache({ max: most });
  }

  /** The current basis of the configuration; -1 if it cannot be known without a query. */
  basis(): number {
    const revisions = this.revision.peek();
    if (!revisions) return -1;
    const basis = this.sumOf(revisions);
    if (basis !== this.basedOn) {
      this.values.clear();
      this.basedOn = basis;
    }
    return basis;
  }

  get(key: string, basis: number): V | undefined {
    const value = basis === this.basedOn ? this.values.get(key) : undefined;
    if (value === undefined) this.counts.misses++;
    else this.counts.hits++;
    return value;
  }

  set(key: string, basis: number, value: V): void {
    if (basis >= 0 && basis === this.basedOn) this.values.set(key, value);
  }

  /** Revisions only increase, so their sum changes with each of them. */
  private sumOf(revisions: Revisions): number {
    let sum = 0;
    for (const kind of this.kinds) sum += revisions[kind];
    return sum;
  }
}
