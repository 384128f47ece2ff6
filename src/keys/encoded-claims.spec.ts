import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonTemplate, NUMBER } from '../protocol/json-template.js';
import { EncodedClaims } from './encoded-claims.js';

describe('EncodedClaims', () => {
  it('comes to the encoding of the whole, wherever three bytes end', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(), (value, number) => {
        const template = new JsonTemplate({ iss: value, iat: NUMBER });
        const whole = JSON.stringify({ iss: value, iat: number });
        expect(new EncodedClaims(template).with([number])).toBe(Buffer.from(whole).toString('base64url'));
      }),
    );
  });
});
