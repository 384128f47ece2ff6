import { afterEach, describe, expect, it, vi } from 'vitest';
import { VerifiedSecrets } from './verified-secrets.js';

const REMEMBERED_MS = 25 * 60 * 60 * 1000;

afterEach(() => {
  vi.useRealTimers();
});

describe('VerifiedSecrets', () => {
  it('finds which secret a credential was, and no other credential', () => {
    const verified = new VerifiedSecrets();
    verified.add(verified.digestOf('one'), 0);
    verified.add(verified.digestOf('another'), 3);
    const found = ['one', 'another', 'a third'].map((text) => verified.find(verified.digestOf(text)));
    expect(found).toEqual([0, 3, undefined]);
  });

  it('compares every part of a digest', () => {
    const verified = new VerifiedSecrets();
    const digest = verified.digestOf('one');
    verified.add(digest, 0);
    for (let byte = 0; byte < 16; byte++) {
      const other = Buffer.from(digest);
      other.writeUInt8(digest.readUInt8(byte) ^ 1, byte);
      expect(verified.find(other), `byte ${byte}`).toBeUndefined();
    }
  });

  it('remembers a credential that is used once a day, and forgets it 25 hours after its last use (fault C2)', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const verified = new VerifiedSecrets();
    const digest = verified.digestOf('one');
    verified.add(digest, 0);
    vi.advanceTimersByTime(REMEMBERED_MS - 1000);
    expect(verified.find(digest)).toBe(0);
    vi.advanceTimersByTime(1000);
    expect(verified.find(digest)).toBeUndefined();
    verified.add(digest, 1);
    expect(verified.find(digest)).toBe(1);
  });

  it('remembers a hundred thousand, and the newest where there are more', () => {
    const verified = new VerifiedSecrets();
    const digests = Array.from({ length: 300_000 }, (_, number) => verified.digestOf(`credential ${number}`));
    const kept = (from: number, to: number) =>
      digests.slice(from, to).filter((digest) => verified.find(digest) === 7).length;
    for (const digest of digests.slice(0, 100_000)) verified.add(digest, 7);
    expect(kept(0, 100_000)).toBeGreaterThan(90_000);
    for (const digest of digests.slice(100_000)) verified.add(digest, 7);
    expect(kept(299_000, 300_000)).toBeGreaterThan(950);
    expect(kept(0, 300_000)).toBeLessThanOrEqual(131_072);
  });
});
