import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readMasterKeys, readNewMasterKey } from './key-settings.js';

const bytes = (at: (index: number) => number) => Buffer.from(Array.from({ length: 32 }, (_, i) => at(i)));

const WEAK: [string, Buffer][] = [
  ['32 equal bytes', Buffer.alloc(32, 7)],
  ['32 zeros', Buffer.alloc(32)],
  ['two bytes in turn', bytes((i) => (i % 2 ? 0xaa : 0x55))],
  ['16 bytes twice', Buffer.concat(Array(2).fill(randomBytes(16)))],
  ['a sequence', bytes((i) => i)],
  ['a sequence backwards', bytes((i) => 255 - i)],
  ['a sequence in steps of 7', bytes((i) => i * 7)],
  ['text', Buffer.from('this is my very own master key!!')],
  ['digits', Buffer.from('12345678901234567890123456789012')],
  ['hexadecimal digits', Buffer.from(randomBytes(16).toString('hex'))],
  ['random bytes that are padded with zeros', Buffer.concat([randomBytes(12), Buffer.alloc(20)])],
];

describe('A master key', () => {
  it.each(WEAK)('rejects a master key by name where it is %s (fault A12)', (_what, key) => {
    const value = key.toString('base64');
    expect(() => readMasterKeys(value)).toThrow(
      /^LATCHKEY_MASTER_KEY: .* not random; create one with openssl/,
    );
    expect(() => readNewMasterKey({ LATCHKEY_NEW_MASTER_KEY: value })).toThrow(/^LATCHKEY_NEW_MASTER_KEY: /);
    expect(() => readMasterKeys(value)).not.toThrow(value);
  });

  it('accepts a random master key (fault A12)', () => {
    for (let n = 0; n < 2000; n++) {
      const key = randomBytes(32);
      expect(readMasterKeys(key.toString('base64'))).toEqual([key]);
    }
  });

  it('accepts a weak master key after a random one, so that a rotation can replace it (fault A12)', () => {
    const random = randomBytes(32);
    const weak = Buffer.alloc(32, 7);
    const list = [random, weak].map((key) => key.toString('base64')).join(',');
    expect(readMasterKeys(list)).toEqual([random, weak]);
  });
});
