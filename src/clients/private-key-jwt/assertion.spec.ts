import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAssertion } from './assertion.js';
import { AssertionRefusal } from './assertion-refusal.js';

const segment = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const jws = (header: object, claims: unknown = { sub: 'c' }) => `${segment(header)}.${segment(claims)}.AAAA`;

const isTaken = (jwt: string): boolean => {
  try {
    readAssertion(jwt);
    return true;
  } catch (error) {
    if (!(error instanceof AssertionRefusal)) throw error;
    return false;
  }
};

describe('readAssertion', () => {
  it('reads a compact JWS', () => {
    const jwt = jws({ alg: 'ES256', kid: 'k', x5t: 'AAAA' });
    expect(readAssertion(jwt)).toEqual({ jwt, alg: 'ES256', kid: 'k', claims: { sub: 'c' } });
  });

  it.each<[object]>([
    [{ alg: 'none' }],
    [{ alg: 'HS256' }],
    [{ alg: 'es256' }],
    [{ alg: 'ES256K' }],
    [{ alg: ['ES256'] }],
    [{}],
    ...['jwk', 'jku', 'x5u', 'x5c', 'crit', 'b64'].map((name): [object] => [{ alg: 'ES256', [name]: null }]),
    [{ alg: 'ES256', kid: 7 }],
    [{ alg: 'ES256', typ: 'at+jwt' }],
    [{ alg: 'ES256', typ: 7 }],
  ])('refuses the header %j (C25, C26, C27, RFC 8725 3)', (header) => {
    expect(isTaken(jws(header))).toBe(false);
  });

  it('refuses claims that are no object, and more than 8 KiB (C19, RFC 7523 3)', () => {
    for (const claims of [[], 'x', 7, null]) expect(isTaken(jws({ alg: 'ES256' }, claims))).toBe(false);
    expect(isTaken(jws({ alg: 'ES256' }, { x: 'x'.repeat(8000) }))).toBe(false);
  });

  it.each([
    ['{"alg":"none","alg":"ES256"}', '{"sub":"c"}'],
    ['{"alg":"ES256","kid":"a","k\\u0069d":"b"}', '{"sub":"c"}'],
    ['{"alg":"ES256"}', '{"sub":"c","aud":"https://evil.example/","aud":"https://as.example/"}'],
    ['{"alg":"ES256"}', '{"sub":"c","x":[{"y":{"z":1,"z":1}}]}'],
    ['{"alg":"ES256"}', '\uFEFF{"sub":"c","sub":"c"}'],
    ['{"alg":"ES256"}', `{"x":${'['.repeat(5000)}${']'.repeat(500)}}`],
    ['{"alg":"ES256"}', `{"x":${'{"a":'.repeat(950)}1${'}'.repeat(950)},"x":1}`],
  ])('refuses a member that comes twice: %s . %s (T09, C19, RFC 7519 4)', (header, claims) => {
    const [head, payload] = [header, claims].map((text) => Buffer.from(text).toString('base64url'));
    expect(isTaken(`${head}.${payload}.AAAA`)).toBe(false);
  });

  it('refuses claims that are no UTF-8, and claims nested deeper than 32 (faults B1, C7)', () => {
    const claims = (text: string | Uint8Array) =>
      `${segment({ alg: 'ES256' })}.${Buffer.from(text as string).toString('base64url')}.AAAA`;
    expect(isTaken(claims('{"sub":"c"}'))).toBe(true);
    expect(isTaken(claims(Uint8Array.from([...Buffer.from('{"sub":"'), 0xe9, ...Buffer.from('"}')])))).toBe(
      false,
    );
    expect(isTaken(claims(`{"sub":"c","x":${'['.repeat(31)}${']'.repeat(31)}}`))).toBe(true);
    expect(isTaken(claims(`{"sub":"c","x":${'['.repeat(32)}${']'.repeat(32)}}`))).toBe(false);
  });

  it('takes equal names in different objects', () => {
    expect(
      isTaken(jws({ alg: 'ES256', kid: 'sub' }, { sub: 'c', a: { sub: 1 }, b: [{ sub: 1 }, { sub: 2 }] })),
    ).toBe(true);
  });

  it('refuses, and never fails, whatever the text is', () => {
    fc.assert(fc.property(fc.string(), (text) => !isTaken(text)));
    fc.assert(
      fc.property(fc.base64String(), fc.json(), (head, claims) => {
        isTaken(`${head.replace(/[+/=]/g, '_')}.${Buffer.from(claims).toString('base64url')}.AAAA`);
      }),
    );
  });
});
