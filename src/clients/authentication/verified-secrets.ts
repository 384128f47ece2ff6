import { hash, randomBytes } from 'node:crypto';
import { cacheCounts } from '../../runtime/cache-counts.js';

const SETS = 2 ** 14;
/** A set-associative cache: each credential maps to one set of this many entries. */
const WAYS = 8;
/** 128 bits of the digest, in words of 32 bits. */
const DIGEST_WORDS = 4;
/** A client that asks once a day is still remembered on the next one. */
const VERIFIED_SECONDS = 25 * 60 * 60;

/**
 * Caches 131,072 recently verified credentials, each with the position of the matching secret of the client. Of a
 * credential only a keyed digest is kept, in memory of fixed size.
 */
export class VerifiedSecrets {
  private readonly counts = cacheCounts('verified_secrets');
  private readonly key = randomBytes(32).toString('base64url');
  private readonly digests = new Int32Array(SETS * WAYS * DIGEST_WORDS);
  private readonly untilSeconds = new Float64Array(SETS * WAYS);
  /** Positions among the live secrets that the credential was checked against. */
  private readonly positions = new Uint16Array(SETS * WAYS);

  /** With SHA-3, prefixing the key is a safe MAC (as in KMAC) and takes one call; HMAC costs three times as much. */
  digestOf(credential: string): Buffer {
    return hash('sha3-256', this.key + credential, 'buffer');
  }

  /** The position of the secret that the credential matches, if it was verified recently. */
  find(digest: Buffer): number | undefined {
    const entry = this.entryOf(digest);
    if (entry === undefined) {
      this.counts.misses++;
      return undefined;
    }
    this.counts.hits++;
    return this.positions[entry];
  }

  add(digest: Buffer, position: number): void {
    const entry = this.entryOf(digest) ?? this.oldestEntryOf(digest);
    for (let word = 0; word < DIGEST_WORDS; word++) {
      this.digests[entry * DIGEST_WORDS + word] = digest.readInt32LE(word * 4);
    }
    this.untilSeconds[entry] = seconds() + VERIFIED_SECONDS;
    this.positions[entry] = position;
  }

  private entryOf(digest: Buffer): number | undefined {
    const first = firstEntryOf(digest);
    for (let entry = first; entry < first + WAYS; entry++) {
      if (this.matches(entry, digest) && (this.untilSeconds[entry] as number) > seconds()) return entry;
    }
    return undefined;
  }

  private matches(entry: number, digest: Buffer): boolean {
    for (let word = 0; word < DIGEST_WORDS; word++) {
      if (this.digests[entry * DIGEST_WORDS + word] !== digest.readInt32LE(word * 4)) return false;
    }
    return true;
  }

  private oldestEntryOf(digest: Buffer): number {
    const first = firstEntryOf(digest);
    let oldest = first;
    for (let entry = first; entry < first + WAYS; entry++) {
      if ((this.untilSeconds[entry] as number) < (this.untilSeconds[oldest] as number)) oldest = entry;
    }
    return oldest;
  }
}

/** By bits of the digest that are not compared, because the entries of a set share the bits that select it. */
const firstEntryOf = (digest: Buffer): number => (digest.readUInt16LE(DIGEST_WORDS * 4) % SETS) * WAYS;

const seconds = (): number => performance.now() / 1000;
