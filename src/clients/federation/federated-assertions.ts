import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { JWTPayload } from 'jose';
import type { AssertionType } from '../../protocol/client-assertion.js';
import { nowMilliseconds } from '../../runtime/clock.js';
import type { Assertion } from '../private-key-jwt/assertion.js';
import { acceptableFromSeconds } from '../private-key-jwt/assertion-claims.js';
import { AssertionRefusal, WrongSignature } from '../private-key-jwt/assertion-refusal.js';
import type { Verdict, Verified } from '../private-key-jwt/keys/verifying-keys.js';
import { RestoreMark } from '../private-key-jwt/replay/restore-mark.js';
import { UsedAssertions } from '../private-key-jwt/replay/used-assertions.js';
import { assertFederatedClaims, claimedIssuer, lifetimeOf, readIdentity } from './federated-claims.js';
import { IssuerKeys } from './issuer-keys.js';
import { IssuerRegistry } from './issuer-registry.js';
import type { AssertionIdentity, TrustedIssuer } from './trusted-issuer.js';

/** An assertion that its issuer has signed. */
export interface VerifiedAssertion {
  issuer: TrustedIssuer;
  identity: AssertionIdentity;
  claims: JWTPayload & { sub: string };
  /** The signed part of the JWT; unlike a signature, it cannot be varied. */
  signed: string;
}

/** Verifies the tokens of trusted issuers. Never logs or stores one. */
@Injectable()
export class FederatedAssertions {
  constructor(
    private readonly issuers: IssuerRegistry,
    private readonly keys: IssuerKeys,
    private readonly used: UsedAssertions,
    private readonly restored: RestoreMark,
  ) {}

  /** Throws AssertionRefusal after one signature check, with real keys or decoys. */
  async verify(type: AssertionType, parsed: Assertion | AssertionRefusal): Promise<VerifiedAssertion> {
    if (parsed instanceof AssertionRefusal) {
      await this.keys.spend();
      throw parsed;
    }
    const { claims, jwt } = parsed;
    const named = claimedIssuer(type, claims);
    const issuer = named === undefined ? undefined : await this.issuers.find(named);
    const verdict = await this.keys.verify(issuer, parsed);
    if (!issuer) throw new WrongSignature('its issuer is not trusted');
    if (typeof verdict === 'string') throw new WrongSignature(VERDICTS[verdict]);
    const identity = readIdentity(claims, issuer);
    const signed = jwt.slice(0, jwt.lastIndexOf('.'));
    return { issuer, identity, claims: { ...claims, sub: identity.sub }, signed };
  }

  /** Throws AssertionRefusal for one that is for another server, or not for now. */
  assertMeant({ issuer, claims }: VerifiedAssertion, ownIssuer: string): void {
    assertFederatedClaims(claims, issuer, ownIssuer, nowMilliseconds() / 1000);
  }

  /** Uses it up where its issuer's tokens are accepted once. The last step, so that a refused one stays usable. */
  async use(verified: VerifiedAssertion): Promise<void> {
    const { issuer, claims } = verified;
    if (issuer.replay === 'reuse') return;
    if (this.restored.isBefore(acceptableFromSeconds(claims, lifetimeOf(issuer)))) {
      throw new AssertionRefusal('it may have been used before the database was restored from a backup');
    }
    const [namespace, own] = identifierOf(verified);
    if (!(await this.used.record(namespace, own, claims.exp as number))) throw usedBefore();
  }

  /** Throws AssertionRefusal if `use` would because it was used; uses nothing. */
  async assertUnused(verified: VerifiedAssertion): Promise<void> {
    if (verified.issuer.replay === 'once' && (await this.used.has(...identifierOf(verified))))
      throw usedBefore();
  }
}

/** The namespace and the name under which it is used up. No client has an id with a slash. */
function identifierOf({ issuer, identity, signed }: VerifiedAssertion): [string, string] {
  const { jti } = identity;
  return jti === undefined
    ? [`TrustedIssuer/${issuer.id} digest`, createHash('sha256').update(signed).digest('base64url')]
    : [`TrustedIssuer/${issuer.id} jti`, jti];
}

const usedBefore = () => new AssertionRefusal('it was used before');

const VERDICTS: Readonly<Record<Exclude<Verdict, Verified>, string>> = {
  forged: 'its signature does not match the key of its issuer with its kid and alg',
  unknown: 'its issuer has no key with its kid and alg, or does not permit its alg',
  unfetched: 'the keys of its issuer could not be fetched',
};
