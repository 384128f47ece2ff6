import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceptableFromSeconds, assertAudience, readClaims } from './assertion-claims.js';
import { AssertionRefusal } from './assertion-refusal.js';

const NOW = 1_800_000_000;
const RIGHT = { iss: 'c', sub: 'c', aud: 'https://as.example/', jti: 'j', exp: NOW + 60, iat: NOW };
const SERVER = { issuer: 'https://as.example/', tokenEndpoint: 'https://as.example/auth/token' };

const refusal = (act: () => unknown): string => {
  try {
    act();
    return 'taken';
  } catch (error) {
    if (!(error instanceof AssertionRefusal)) throw error;
    return error.message;
  }
};
const claims = (changes: object) => refusal(() => readClaims({ ...RIGHT, ...changes } as never, NOW));
const audience = (value: unknown, expected: 'issuer' | 'token_endpoint' = 'issuer') =>
  refusal(() => assertAudience(value, expected, SERVER));

describe('readClaims', () => {
  it('reads who it is, its identifier and its end (RFC 7523 3)', () => {
    expect(readClaims(RIGHT, NOW)).toEqual({
      clientId: 'c',
      jti: 'j',
      expiresAtSeconds: NOW + 60,
      audience: RIGHT.aud,
    });
  });

  it.each([
    ['exp that passed longer ago than the skew', { exp: NOW - 30 }],
    ['exp beyond an hour and the skew', { exp: NOW + 3631 }],
    ['exp without end', { exp: Number.POSITIVE_INFINITY }],
    ['nbf more than the skew ahead', { nbf: NOW + 31 }],
    ['iat more than the skew ahead', { iat: NOW + 31 }],
    ['iat that is null', { iat: null }],
    ['an id that cannot be one', { iss: 'c ', sub: 'c ' }],
  ])('refuses %s', (_what, changes) => {
    expect(claims(changes)).not.toBe('taken');
  });

  it.each([
    ['exp at the bound', { exp: NOW + 3600 }],
    ['an hour of a clock one second ahead (fault C6)', { iat: NOW + 1, exp: NOW + 3601 }],
    ['an hour of a clock at the skew ahead (fault C6)', { iat: NOW + 30, exp: NOW + 3630 }],
    ['exp that passed within the skew (fault C6)', { exp: NOW - 29 }],
    ['fractions of a second', { exp: NOW + 0.5, iat: NOW - 0.5 }],
    ['nbf at the skew', { nbf: NOW + 30 }],
    ['neither nbf nor iat', { iat: undefined }],
    ['claims beyond the required ones', { scope: 'x', azp: 'y' }],
  ])('takes %s', (_what, changes) => {
    expect(claims(changes)).toBe('taken');
  });

  it('refuses, and never fails, whatever the claims are', () => {
    fc.assert(
      fc.property(
        fc.record(Object.fromEntries(Object.keys(RIGHT).map((name) => [name, fc.anything()]))),
        (all) => {
          expect(refusal(() => readClaims(all as never, NOW))).not.toBe('');
        },
      ),
    );
  });
});

describe('acceptableFromSeconds', () => {
  const time = fc.integer({ min: NOW - 4000, max: NOW + 4000 });
  const optional = fc.option(time, { nil: undefined });

  it('is a time before which readClaims rejects the assertion (fault E8)', () => {
    fc.assert(
      fc.property(time, optional, optional, fc.integer({ min: 1, max: 4000 }), (exp, iat, nbf, earlier) => {
        const assertion = { ...RIGHT, exp, iat, nbf };
        const before = acceptableFromSeconds(assertion as never) - earlier;
        expect(refusal(() => readClaims(assertion as never, before))).not.toBe('taken');
      }),
    );
  });

  it.each([
    ['an iat', { iat: NOW + 30 }, NOW],
    ['an nbf', { iat: undefined, nbf: NOW + 30 }, NOW],
    ['neither', { iat: undefined, exp: NOW + 3630 }, NOW],
  ])('follows from %s', (_what, changes, expected) => {
    expect(acceptableFromSeconds({ ...RIGHT, ...changes } as never)).toBe(expected);
  });
});

describe('assertAudience', () => {
  it('takes the issuer, with or without its slash, as one string', () => {
    expect(audience('https://as.example/')).toBe('taken');
    expect(audience('https://as.example')).toBe('taken');
    for (const other of [
      'https://as.example//',
      'https://as.example/x',
      SERVER.tokenEndpoint,
      [SERVER.issuer, 'https://other.example/'],
      [SERVER.issuer, SERVER.issuer],
      [[SERVER.issuer]],
      [],
      '',
    ]) {
      expect(audience(other)).not.toBe('taken');
    }
  });

  it('takes a list that holds the one string alone (fault C6)', () => {
    expect(audience([SERVER.issuer])).toBe('taken');
    expect(audience([SERVER.tokenEndpoint], 'token_endpoint')).toBe('taken');
    expect(audience([SERVER.tokenEndpoint])).not.toBe('taken');
    expect(audience([SERVER.issuer], 'token_endpoint')).not.toBe('taken');
  });

  it('takes the token endpoint in its place where the client says so', () => {
    expect(audience(SERVER.tokenEndpoint, 'token_endpoint')).toBe('taken');
    for (const other of [SERVER.issuer, `${SERVER.tokenEndpoint}/`]) {
      expect(audience(other, 'token_endpoint')).not.toBe('taken');
    }
  });

  it('takes no audience that is not a string of ours, whatever it is', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const only = Array.isArray(value) && value.length === 1 ? value[0] : value;
        fc.pre(typeof only !== 'string' || !/^https:\/\/as\.example\/?$/.test(only));
        expect(audience(value)).not.toBe('taken');
      }),
    );
  });
});
