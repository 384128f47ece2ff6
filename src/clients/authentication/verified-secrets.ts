import { hash, randomBytes } from 'node:crypto';

const SETS = 2 ** 14;
/** Places of a set: a credential has one set, and any place in it. */
const PLACES = 8;
/** Of a digest of 128 bits, in words of 32. */
const DIGEST_WORDS = 4;
/** Longer than a header is recognised, so that what is in use is never forgotten between two looks. */
const VERIFIED_SECONDS = 30 * 60;

/**
 * Remembers 131,072 credentials that were found right lately, and which of the client's secrets each was: no more of one
 * than a keyed digest, in memory that does not grow. Who presents what is left to the authenticator.
 */
export class VerifiedSecrets {
  private readonly key = randomBytes(32).toString('base64url');
  private readonly digests = new Int32Array(SETS * PLACES * DIGEST_WORDS);
  private readonly untilSeconds = new Float64Array(SETS * PLACES);
  /** Positions among the live secrets that the credential was checked against. */
  private readonly positions = new Uint16Array(SETS * PLACES);

  /** SHA-3 takes its key in front of the text (as KMAC does) and is done in one call; HMAC costs three times as much. */
  digestOf(credential: string): Buffer {
    return hash('sha3-256', this.key + credential, 'buffer');
  }

  /** The position of the secret that the credential was found to be, if it was lately. */
  find(digest: Buffer): number | undefined {
    const place = this.placeOf(digest);
    return place === undefined ? undefined : this.positions[place];
  }

  add(digest: Buffer, position: number): void {
    const place = this.placeOf(digest) ?? this.oldestOf(digest);
    for (let word = 0; word < DIGEST_WORDS; word++) {
      this.digests[place * DIGEST_WORDS + word] = digest.readInt32LE(word * 4);
    }
    this.untilSeconds[place] = seconds() + VERIFIED_SECONDS;
    this.positions[place] = position;
  }

  private placeOf(digest: Buffer): number | undefined {
    const first = firstPlaceOf(digest);
    for (let place = first; place < first + PLACES; place++) {
      if (this.holds(place, digest) && (this.untilSeconds[place] as number) > seconds()) return place;
    }
    return undefined;
  }

  private holds(place: number, digest: Buffer): boolean {
    for (let word = 0; word < DIGEST_WORDS; word++) {
      if (this.digests[place * DIGEST_WORDS + word] !== digest.readInt32LE(word * 4)) return false;
    }
    return true;
  }

  private oldestOf(digest: Buffer): number {
    const first = firstPlaceOf(digest);
    let oldest = first;
    for (let place = first; place < first + PLACES; place++) {
      if ((this.untilSeconds[place] as number) < (this.untilSeconds[oldest] as number)) oldest = place;
    }
    return oldest;
  }
}

/** By what is left of the digest: bits that are compared must not be those that all of a set have in common. */
const firstPlaceOf = (digest: Buffer): number => (digest.readUInt16LE(DIGEST_WORDS * 4) % SETS) * PLACES;

const seconds = (): number => performance.now() / 1000;
