import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { publicKeyFaults } from './public-key.js';

const ff = (first: string, last: string) => `${first}${'ff'.repeat(30)}${last}`;
const zeros = (first: string, last: string) => `${first}${'00'.repeat(30)}${last}`;
const ORDER_EIGHT = [
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
];
/** y of 0, 1 and -1, as they are written and as they may not be, with both signs of x. */
const SMALL = ['7f', 'ff'].flatMap((last) => ['ec', 'ed', 'ee', 'f0', 'ff'].map((first) => ff(first, last)));
const TINY = ['00', '80'].flatMap((last) => ['00', '01'].map((first) => zeros(first, last)));

const faultsOf = (jwk: Record<string, unknown>) => publicKeyFaults(jwk);
const ed25519 = (hex: string) =>
  faultsOf({ kty: 'OKP', crv: 'Ed25519', x: Buffer.from(hex, 'hex').toString('base64url') });
const rsa = (modulus: bigint, e = 'AQAB') =>
  faultsOf({ kty: 'RSA', n: Buffer.from(modulus.toString(16), 'hex').toString('base64url'), e });

describe('publicKeyFaults', () => {
  it.each([...ORDER_EIGHT, ...SMALL, ...TINY])(
    'refuses the Ed25519 point %s of small order (C25, RFC 7748 7)',
    (hex) => {
      expect(ed25519(hex)).toEqual([{ path: 'x', message: expect.stringContaining('small order') }]);
    },
  );

  it('takes the Ed25519 keys that are made, and the test vectors of RFC 8032 7.1', () => {
    for (const hex of [
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    ]) {
      expect(ed25519(hex)).toEqual([]);
    }
    for (let again = 0; again < 50; again++) {
      const { publicKey } = generateKeyPairSync('ed25519');
      expect(faultsOf(publicKey.export({ format: 'jwk' }) as Record<string, unknown>)).toEqual([]);
    }
  });

  it.each([
    ['even', 2n ** 2047n],
    ['even but for nothing', 2n ** 2048n - 2n],
    ['all ones', 2n ** 2048n - 1n],
    ['a multiple of 997', (2n ** 2047n / 997n + 1n) * 997n],
    ['of few ones', 2n ** 4095n + 5n],
  ])('refuses an RSA modulus that is %s (C25, RFC 8017 3.1)', (_what, modulus) => {
    expect(rsa(modulus)).toEqual([{ path: 'n', message: expect.stringContaining('small factor') }]);
  });

  it('takes the RSA keys that are made', () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    expect(faultsOf(publicKey.export({ format: 'jwk' }) as Record<string, unknown>)).toEqual([]);
  });
});
