import { crc32 } from 'node:zlib';
import { LRUCache } from 'lru-cache';

/** The minimum size of the doorkeeper, for large values of which few fit. */
const MIN_ENTRIES = 1024;

interface CacheLimits {
  max: number;
  /** Total size of all values, if their sizes are counted. */
  maxSize?: number;
  /** How long a value is kept. */
  ttl?: number;
}

/**
 * Caches values that are requested again. When it is full, a key is admitted only if it was requested shortly before
 * (TinyLFU's doorkeeper). Without that, more recurring keys than fit would evict each other, and every value would be
 * stored in vain, which costs more than computing it.
 */
export class AdmissionCache<V extends object | string> {
  private readonly kept: LRUCache<string, V>;
  /** Checksums of rejected keys, each in the one slot of its hash. */
  private readonly doorkeeper: Int32Array;

  constructor(private readonly limits: CacheLimits) {
    this.kept = new LRUCache(limits);
    this.doorkeeper = new Int32Array(placesFor(limits.max));
  }

  get(key: string): V | undefined {
    return this.kept.get(key);
  }

  set(key: string, value: V, size = 1): void {
    if (!this.hasRoomFor(size) && !this.kept.has(key) && !this.wasRequestedBefore(key)) return;
    this.kept.set(key, value, this.limits.maxSize === undefined ? {} : { size });
  }

  clear(): void {
    this.kept.clear();
  }

  private hasRoomFor(size: number): boolean {
    const { max, maxSize = Number.POSITIVE_INFINITY } = this.limits;
    return this.kept.size < max && this.kept.calculatedSize + size <= maxSize;
  }

  /**
   * The doorkeeper has as many slots as the cache: a key that would be evicted before its next request is not
   * admitted.
   */
  private wasRequestedBefore(key: string): boolean {
    const checksum = crc32(key) | 0;
    const place = checksum & (placesFor(this.kept.size) - 1);
    if (this.doorkeeper[place] === checksum) return true;
    this.doorkeeper[place] = checksum;
    return false;
  }
}

/** A power of two. */
const placesFor = (kept: number): number => 1 << (32 - Math.clz32(Math.max(kept, MIN_ENTRIES) - 1));
