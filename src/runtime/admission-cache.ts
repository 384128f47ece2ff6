import { crc32 } from 'node:zlib';
import { LRUCache } from 'lru-cache';

/** However large values are, and however few are kept. */
const MIN_ENTRIES = 1024;

interface Room {
  max: number;
  /** Of all values together, where they are told apart by size. */
  maxSize?: number;
  /** How long a value is kept. */
  ttl?: number;
}

/**
 * Remembers what is asked for again. Where there is no more room, a key must have passed by shortly before to drive out
 * another one: more keys in turn than there is room for would drive out each other, and every value would be kept for
 * nothing, which costs more than making it.
 */
export class AdmissionCache<V extends object | string> {
  private readonly kept: LRUCache<string, V>;
  /** Checksums of keys that found no room, each in the one place that it may have. */
  private readonly doorkeeper: Int32Array;

  constructor(private readonly room: Room) {
    this.kept = new LRUCache(room);
    this.doorkeeper = new Int32Array(placesFor(room.max));
  }

  get(key: string): V | undefined {
    return this.kept.get(key);
  }

  set(key: string, value: V, size = 1): void {
    if (!this.hasRoomFor(size) && !this.kept.has(key) && !this.passesAgain(key)) return;
    this.kept.set(key, value, this.room.maxSize === undefined ? {} : { size });
  }

  clear(): void {
    this.kept.clear();
  }

  private hasRoomFor(size: number): boolean {
    const { max, maxSize = Number.POSITIVE_INFINITY } = this.room;
    return this.kept.size < max && this.kept.calculatedSize + size <= maxSize;
  }

  /** As many are in sight as are kept: who would be driven out before he comes again is not let in. */
  private passesAgain(key: string): boolean {
    const checksum = crc32(key) | 0;
    const place = checksum & (placesFor(this.kept.size) - 1);
    if (this.doorkeeper[place] === checksum) return true;
    this.doorkeeper[place] = checksum;
    return false;
  }
}

/** A power of two. */
const placesFor = (kept: number): number => 1 << (32 - Math.clz32(Math.max(kept, MIN_ENTRIES) - 1));
