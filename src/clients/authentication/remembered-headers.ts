import { hash, randomBytes } from 'node:crypto';
import { AdmissionCache } from '../../runtime/admission-cache.js';
import { cacheCounts } from '../../runtime/cache-counts.js';

/** What an Authorization header was found to be. */
export interface RememberedHeader {
  clientId: string;
  secretId: string;
}

/** A header that is forgotten is parsed again, and found among the verified secrets. */
const MAX_HEADERS = 10_000;
const REMEMBERED_MS = 10 * 60 * 1000;

/** The client and the secret of Authorization headers that were right, under a keyed hash of the whole header. */
export class RememberedHeaders {
  private readonly headers = new AdmissionCache<RememberedHeader>({ max: MAX_HEADERS, ttl: REMEMBERED_MS });
  private readonly counts = cacheCounts('authorization_headers');
  private readonly key = randomBytes(32).toString('base64url');

  find(header: string): RememberedHeader | undefined {
    const known = this.headers.get(this.digestOf(header));
    if (known) this.counts.hits++;
    else this.counts.misses++;
    return known;
  }

  remember(header: string, known: RememberedHeader): void {
    this.headers.set(this.digestOf(header), known);
  }

  /** No digest leaves the process, so that the key in front of SHA-256 cannot be put to use by extending one. */
  private digestOf(header: string): string {
    return hash('sha256', this.key + header, 'hex');
  }
}
