import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HANDLE_PREFIXES } from '../../packages/protocol/src/handle-prefix.js';
import { type HandleKind, isMadeSecret, makeHandle, makeSecret, readHandle } from './handle.js';

const KINDS: HandleKind[] = ['accessToken', 'refreshToken', 'clientSecret'];
const ALPHABET = /^[A-Za-z0-9_~-]+$/;

/** Every value that differs from this one in a single character. */
function* slips(value: string): Generator<string> {
  for (let position = 0; position < value.length; position++) {
    const other = value[position] === 'A' ? 'B' : 'A';
    yield value.slice(0, position) + other + value.slice(position + 1);
    yield value.slice(0, position) + value.slice(position + 1);
  }
}

describe('makeHandle', () => {
  it('contains its session id without revealing it', () => {
    fc.assert(
      fc.property(fc.uuid({ version: 7 }), fc.constantFrom(...KINDS), (id, kind) => {
        const handle = makeHandle(kind, id);
        expect(readHandle(kind, handle)).toBe(id);
        expect(handle).toHaveLength(74);
        expect(handle).toMatch(ALPHABET);
        expect(handle.startsWith(HANDLE_PREFIXES[kind])).toBe(true);
        expect(Buffer.from(handle.slice(4), 'base64url').toString('hex')).not.toContain(
          id.replaceAll('-', ''),
        );
      }),
    );
  });

  it('makes another value each time, with only the prefix in common', () => {
    const id = '0193b3c4-0000-7000-8000-000000000000';
    const bodies = Array.from({ length: 1000 }, () => makeHandle('accessToken', id).slice(4));
    expect(new Set(bodies).size).toBe(1000);
    for (let position = 0; position < 64; position++) {
      expect(new Set(bodies.map((body) => body[position])).size).toBeGreaterThan(32);
    }
  });
});

describe('readHandle', () => {
  const id = '0193b3c4-1234-7abc-8def-0123456789ab';

  it('rejects a value of another kind', () => {
    for (const made of KINDS) {
      const readable = KINDS.filter((kind) => readHandle(kind, makeHandle(made, id)) !== undefined);
      expect(readable).toEqual([made]);
    }
  });

  it('rejects a value with any one character changed, omitted or added', () => {
    const handle = makeHandle('accessToken', id);
    expect([...slips(handle)].filter((slip) => readHandle('accessToken', slip) !== undefined)).toEqual([]);
    expect(readHandle('accessToken', `${handle}A`)).toBeUndefined();
    expect(readHandle('accessToken', ` ${handle}`)).toBeUndefined();
  });

  it('rejects any text that was not made here', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 100 }), (text) => {
        expect(readHandle('accessToken', text)).toBeUndefined();
        expect(readHandle('accessToken', `lka_${text}`)).toBeUndefined();
      }),
    );
  });
});

describe('makeSecret', () => {
  it('makes 256 random bits with a prefix and a checksum', () => {
    const secrets = Array.from({ length: 1000 }, makeSecret);
    expect(new Set(secrets).size).toBe(1000);
    for (const secret of secrets) expect(secret).toMatch(/^lks_[A-Za-z0-9_-]{49}$/);
    expect(secrets.every(isMadeSecret)).toBe(true);
  });

  it('distinguishes a generated secret from a chosen or mistyped one', () => {
    const secret = makeSecret();
    expect([...slips(secret)].filter(isMadeSecret)).toEqual([]);
    expect(['', 'verysecret', 'lks_', `lks_${'A'.repeat(49)}`, `${secret} `].filter(isMadeSecret)).toEqual(
      [],
    );
  });
});
