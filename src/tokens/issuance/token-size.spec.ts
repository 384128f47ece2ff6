import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SigningAlg } from '../../../packages/protocol/src/signing-alg.js';
import { timeOrderedId } from '../../crypto/time-ordered-id.js';
import { EncodedClaims } from '../../keys/encoded-claims.js';
import { SigningKey } from '../../keys/signing-key.js';
import { JsonTemplate } from '../../protocol/json-template.js';
import { OWN_CLAIMS, ownClaims } from '../access-token.js';
import { assertReadable, jwtBytes, MAX_JWT_BYTES } from './token-size.js';

const KEYS = {
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  PS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: generateKeyPairSync('ed25519'),
};
const KID = 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs';
const NOW = Date.UTC(2026, 5, 1);

const jwtOf = (scope: string, type: string) => ({
  type,
  claims: new EncodedClaims(new JsonTemplate({ iss: 'https://login.example/', scope, ...OWN_CLAIMS })),
});
const settings = (alg: SigningAlg) =>
  ({ alg, format: 'jwt', profile: 'classic', lifetimeSeconds: 60 }) as const;

describe('jwtBytes', () => {
  it.each(Object.keys(KEYS) as SigningAlg[])(
    'is the length of the signed token, by %s (fault B9)',
    async (alg) => {
      const key = new SigningKey(KID, alg, KEYS[alg].privateKey);
      await fc.assert(
        fc.asyncProperty(
          fc.string({ maxLength: 300 }),
          fc.constantFrom('JWT', 'at+jwt'),
          async (scope, type) => {
            const jwt = jwtOf(scope, type);
            const own = ownClaims({ id: timeOrderedId(), startedAt: NOW, endsAt: NOW + 60_000 });
            const token = await key.signPayload(type, jwt.claims.with(own));
            expect(jwtBytes(jwt, alg)).toBe(token.length);
          },
        ),
        { numRuns: 20 },
      );
    },
  );
});

describe('assertReadable', () => {
  it('takes the largest token and refuses a larger one with what to do (fault B9)', () => {
    const fits = (length: number) => jwtBytes(jwtOf('s'.repeat(length), 'JWT'), 'RS256') <= MAX_JWT_BYTES;
    let length = 1;
    while (fits(length + 1)) length++;
    const asked = { scope: ['s'], added: undefined };
    assertReadable(jwtOf('s'.repeat(length), 'JWT'), settings('RS256'), asked);
    const larger = () => assertReadable(jwtOf('s'.repeat(length + 1), 'JWT'), settings('RS256'), asked);
    expect(larger).toThrow(/: request fewer scopes, or opaque tokens/);
    const withoutScope = () =>
      assertReadable(jwtOf('s'.repeat(9000), 'JWT'), settings('RS256'), { ...asked, scope: null });
    expect(withoutScope).toThrow(/: request fewer audiences, or opaque tokens/);
    const added = { claims: { 'urn:x': 's'.repeat(2000) }, permissions: false };
    assertReadable(jwtOf('s'.repeat(length + 2000), 'JWT'), settings('RS256'), { ...asked, added });
    const withClaims = () =>
      assertReadable(jwtOf('s'.repeat(length + 2100), 'JWT'), settings('RS256'), { ...asked, added });
    expect(withClaims).toThrow(/: request fewer scopes/);
  });
});
