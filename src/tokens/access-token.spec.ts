import fc from 'fast-check';
import { uuidv7 } from 'uuidv7';
import { describe, expect, it } from 'vitest';
import { idWithin, ownClaims, sharedClaims } from './access-token.js';

const terms = fc.record({
  clientId: fc.string(),
  type: fc.constant('client_credentials'),
  dialect: fc.constant('native'),
  issuer: fc.webUrl(),
  subject: fc.string(),
  scope: fc.option(fc.array(fc.string())),
  audience: fc.array(fc.string(), { minLength: 1 }),
  audienceAsked: fc.boolean(),
  tokenFormat: fc.constant('jwt' as const),
});

const encoded = (text: string) => Buffer.from(text).toString('base64url');

describe('A JWT access token', () => {
  it('has the id of its session within, whatever it says beside it (RFC 9068 2.2)', () => {
    fc.assert(
      fc.property(terms, fc.dictionary(fc.string(), fc.string()), fc.jsonValue(), (some, extra, value) => {
        const id = uuidv7();
        const added = { claims: { 'urn:x': value, 7: value }, permissions: true };
        const payload = sharedClaims(some, extra, added).with(
          ownClaims({ id, startedAt: 1000, endsAt: 2000 }),
        );
        expect(idWithin(`${encoded('{}')}.${payload}.${encoded('signature')}`)).toBe(id);
      }),
    );
  });

  it('of another issuer has none, however it is shaped (RFC 7519 4.1.7)', () => {
    const jti = `"jti":"${uuidv7()}"`;
    for (const token of [
      '',
      '.',
      '..',
      encoded(`{"a":1,${jti}}`),
      `.${encoded(`{"a":1,${jti}}`)}`,
      `.${encoded(`{"a":1,${jti}}`)}.a.b`,
      `.${encoded(`{${jti}}`)}.`,
      `.${encoded(`{${jti},"a":1}`)}.`,
      `.${encoded(`{"a":1,${jti}`)}.`,
      `.${encoded(`{"a":1,"jti":"${'x'.repeat(36)}"}`)}.`,
    ]) {
      expect(idWithin(token), token).toBeUndefined();
    }
    fc.assert(fc.property(fc.string(), (token) => idWithin(token) === undefined));
  });
});
