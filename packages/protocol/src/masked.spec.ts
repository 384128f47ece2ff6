import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { masked, maskedAll, maskedInAscii } from './masked.js';

const segment = fc.stringMatching(/^[A-Za-z0-9_-]{20,60}$/);
const handle = fc
  .tuple(fc.constantFrom('lka_', 'lkr_', 'lks_'), fc.stringMatching(/^[A-Za-z0-9_-]{49,70}$/))
  .map((parts) => parts.join(''));
const jwt = fc
  .array(segment, { minLength: 2, maxLength: 4 })
  .map((segments) => [`eyJhbGciOiJFUzI1NiJ9`, ...segments].join('.'));
const basic = fc
  .tuple(fc.stringMatching(/^[a-z]{1,12}$/), fc.string({ minLength: 8, maxLength: 30 }))
  .map(([id, secret]) => Buffer.from(`${id}:${secret}`).toString('base64'));

describe('Masking', () => {
  it('leaves nothing of a credential, wherever in a text it is', () => {
    fc.assert(
      fc.property(fc.oneof(handle, jwt), fc.string(), fc.string(), (credential, before, after) => {
        const text = masked(before + credential + after);
        expect(text).not.toContain(credential);
        expect(text).not.toContain(credential.slice(-24));
      }),
    );
    fc.assert(
      fc.property(basic, fc.constantFrom('Basic', 'basic'), fc.string(), (credential, scheme, after) => {
        expect(masked(`as ${scheme} ${credential} ${after}`)).not.toContain(credential);
      }),
    );
    expect(masked(`Bearer ${'0'.repeat(32)}`)).toBe('Bearer …');
  });

  it('leaves nothing of a JWT that follows the beginnings of others (fault B3)', () => {
    for (const before of ['eyJ', 'eyJeyJ', 'eyJab.', 'eyJ.eyJ.', 'xeyJ', 'a.eyJa.b.']) {
      const text = masked(`${before}eyJhbGciOiJFUzI1NiJ9.c2VjcmV0LWNsYWltcw.c2lnbmF0dXJl`);
      expect(text, before).not.toMatch(/c2VjcmV0|c2lnbmF0|hbGciOi/);
    }
  });

  it('keeps what a credential was, and every other text', () => {
    expect(masked(`no resource lks_${'A'.repeat(49)} here`)).toBe('no resource lks_… here');
    expect(maskedInAscii(`no resource lks_${'A'.repeat(49)} here`)).toBe('no resource lks_... here');
    for (const text of [
      'this client may not use Basic',
      'Basic monitoring of bearer lines',
      'an access token is required, or Basic if the client has the grant type basic',
      'lks_',
      'lka_short',
      'eyJ is how a JWT begins',
      'Client:api:read',
    ]) {
      expect(masked(text)).toBe(text);
    }
  });

  it('walks lists, members and their names', () => {
    const token = `lka_${'a'.repeat(70)}`;
    const value = { a: [token, 1, null, { [token]: `x ${token}` }], b: true };
    expect(maskedAll(value)).toEqual({ a: ['lka_…', 1, null, { 'lka_…': 'x lka_…' }], b: true });
  });
});
