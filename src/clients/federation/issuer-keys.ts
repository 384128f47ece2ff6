import { Injectable } from '@nestjs/common';
import type { Assertion } from '../private-key-jwt/assertion.js';
import { RemoteKeys } from '../private-key-jwt/jwks/remote-keys.js';
import { decoyKeys } from '../private-key-jwt/keys/decoy-keys.js';
import type { KeySetState } from '../private-key-jwt/keys/key-set-state.js';
import type { KeySource } from '../private-key-jwt/keys/key-source.js';
import { usableKeys } from '../private-key-jwt/keys/public-key-set.js';
import { type Verdict, VerifyingKeys } from '../private-key-jwt/keys/verifying-keys.js';
import { isSpiffe, type TrustedIssuer } from './trusted-issuer.js';

/** The `use` of the keys for JWT-SVIDs in a SPIFFE bundle (SPIFFE Trust Domain and Bundle 4.2.2). */
const SVID_USE = 'jwt-svid';

/** Verifies assertions with the keys of their issuer only: by value, at its jwks_uri, or found by discovery. */
@Injectable()
export class IssuerKeys {
  /** By the issuer object as it was loaded, so that a change of the issuer invalidates the entry. */
  private readonly registered = new WeakMap<TrustedIssuer, VerifyingKeys>();
  private readonly sources = new WeakMap<TrustedIssuer, KeySource>();
  private readonly decoys = new VerifyingKeys(decoyKeys());

  constructor(private readonly remote: RemoteKeys) {}

  /** Checks one signature, whatever the verdict, so that every rejection takes as long. */
  async verify(issuer: TrustedIssuer | undefined, assertion: Assertion): Promise<Verdict> {
    const isPermitted = issuer?.algs?.includes(assertion.alg) ?? true;
    const verdict = issuer && isPermitted ? await this.verifyWith(issuer, assertion) : 'unknown';
    if (verdict === 'unknown' || verdict === 'unfetched') await this.decoys.verify(assertion);
    return verdict;
  }

  /** The same cost as that of an assertion, for one that cannot be parsed. */
  async spend(): Promise<void> {
    await this.decoys.verify(UNREADABLE);
  }

  /** What this process knows of the keys of the issuer, after fetching them where an assertion would. */
  async look(issuer: TrustedIssuer): Promise<KeySetState> {
    if (issuer.jwks !== null) return { keys: this.registeredKeys(issuer).keys };
    return this.remote.look(this.sourceOf(issuer));
  }

  private verifyWith(issuer: TrustedIssuer, assertion: Assertion): Promise<Verdict> {
    return issuer.jwks === null
      ? this.remote.verify(this.sourceOf(issuer), assertion)
      : this.registeredKeys(issuer).verify(assertion);
  }

  private registeredKeys(issuer: TrustedIssuer): VerifyingKeys {
    let keys = this.registered.get(issuer);
    if (!keys) {
      keys = new VerifyingKeys(usableKeys(issuer.jwks, useOf(issuer)) ?? { keys: [] });
      this.registered.set(issuer, keys);
    }
    return keys;
  }

  private sourceOf(issuer: TrustedIssuer): KeySource {
    let source = this.sources.get(issuer);
    if (!source) {
      source = keySourceOf(issuer);
      this.sources.set(issuer, source);
    }
    return source;
  }
}

/** Every version of an issuer has a cache entry of its own: no two share keys, and a write fetches them again. */
export function keySourceOf(issuer: TrustedIssuer): KeySource {
  const { id, version, createdAt, jwksUri, ca } = issuer;
  const use = useOf(issuer);
  return {
    id: `TrustedIssuer/${id} ${version} ${createdAt}`,
    uri: jwksUri ?? `${issuer.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
    ...(jwksUri === null ? { issuer: issuer.issuer } : {}),
    ...(ca === null ? {} : { ca }),
    ...(use === undefined ? {} : { use }),
  };
}

const useOf = ({ issuer }: TrustedIssuer): string | undefined => (isSpiffe(issuer) ? SVID_USE : undefined);

const empty = Buffer.from('{}').toString('base64url');

const UNREADABLE: Assertion = {
  jwt: `${Buffer.from('{"alg":"RS256"}').toString('base64url')}.${empty}.${'A'.repeat(342)}`,
  alg: 'RS256',
  kid: undefined,
  claims: {},
};
