import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EncodedClaims } from './encoded-claims.js';

describe('EncodedClaims', () => {
  it('comes to the encoding of the whole, wherever three bytes end', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(), (value, number) => {
        const start = JSON.stringify({ iss: value }).slice(0, -1);
        const rest = `,"iat":${number}}`;
        const payload = new EncodedClaims(start).with(rest);
        expect(payload).toBe(Buffer.from(start + rest).toString('base64url'));
      }),
    );
  });
});
