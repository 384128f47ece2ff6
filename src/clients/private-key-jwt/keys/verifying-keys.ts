import type { KeyObject } from 'node:crypto';
import { compactVerify } from 'jose';
import { TemporarilyUnavailable } from '../../../protocol/unavailable.js';
import { ConcurrencyLimiter } from '../../../runtime/concurrency-limiter.js';
import type { Assertion } from '../assertion.js';
import { algsOf, importPublicKey, type PublicKey, type PublicKeySet } from './public-key.js';

/** By the key with this kid, if it has one, at this position in its set. */
export interface Verified {
  kid: string | undefined;
  position: number;
}

/**
 * `unknown`: the set has no key with the kid of the assertion, or none that fits an assertion without one. `unfetched`:
 * no set is available.
 */
export type Verdict = Verified | 'forged' | 'unknown' | 'unfetched';

/** Signatures are verified even while a failure limit is reached; this bounds the concurrency. */
const checks = new ConcurrencyLimiter(16, { maxWaiting: 2000 });

/** The keys of one client, each imported once, to verify its assertions with. */
export class VerifyingKeys {
  private readonly imported = new Map<PublicKey, KeyObject>();

  constructor(private readonly set: PublicKeySet) {}

  get keys(): readonly PublicKey[] {
    return this.set.keys;
  }

  async verify(assertion: Assertion): Promise<Verdict> {
    for (const key of this.candidates(assertion)) {
      if (await this.hasSigned(key, assertion)) return { kid: key.kid, position: this.set.keys.indexOf(key) };
    }
    const named = assertion.kid !== undefined && this.set.keys.some(({ kid }) => kid === assertion.kid);
    return named ? 'forged' : 'unknown';
  }

  /** A key without a kid may be the one that the kid means (RFC 7515 4.1.4); the set is small, so all can be tried. */
  private candidates({ alg, kid }: Assertion): PublicKey[] {
    const fitting = this.set.keys.filter((key) => algsOf(key).includes(alg));
    if (kid === undefined) return fitting;
    const named = fitting.filter((key) => key.kid === kid);
    return named.length > 0 ? named : fitting.filter((key) => key.kid === undefined);
  }

  private async hasSigned(jwk: PublicKey, { jwt, alg }: Assertion): Promise<boolean> {
    try {
      await checks.run(() => compactVerify(jwt, this.keyOf(jwk), { algorithms: [alg] }));
      return true;
    } catch (error) {
      if (error instanceof TemporarilyUnavailable) throw error;
      // A key or signature that the library cannot process counts as not verified.
      return false;
    }
  }

  private keyOf(jwk: PublicKey): KeyObject {
    let key = this.imported.get(jwk);
    if (!key) {
      key = importPublicKey(jwk);
      this.imported.set(jwk, key);
    }
    return key;
  }
}
