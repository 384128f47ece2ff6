import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WrongSecrets } from './wrong-secrets.js';

const MINUTE = 60_000;
const HERE = '192.0.2.1';

let wrong: WrongSecrets;
const digest = randomBytes(32);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  wrong = new WrongSecrets();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('WrongSecrets', () => {
  it('recognises a secret from the address where it was wrong, and from no other (fault C2)', () => {
    expect(wrong.has(digest, HERE)).toBe(false);
    expect([wrong.add(digest, HERE), wrong.add(digest, HERE)]).toEqual([true, false]);
    expect(wrong.has(digest, HERE)).toBe(true);
    expect(wrong.has(digest, '192.0.2.2')).toBe(false);
    expect(wrong.has(randomBytes(32), HERE)).toBe(false);
    expect(wrong.add(digest, '192.0.2.2')).toBe(true);
  });

  it('counts repeats by the minute that began with the first (fault C2)', () => {
    expect(wrong.repeat(digest, HERE)).toBeUndefined();
    wrong.add(digest, HERE);
    vi.advanceTimersByTime(1000);
    expect(wrong.repeat(digest, HERE)).toEqual({ failures: 2, endsInMilliseconds: MINUTE - 1000 });
    expect(wrong.repeat(digest, HERE)).toEqual({ failures: 3, endsInMilliseconds: MINUTE - 1000 });
    vi.advanceTimersByTime(MINUTE);
    expect(wrong.repeat(digest, HERE)).toEqual({ failures: 1, endsInMilliseconds: MINUTE });
  });

  it('remembers no more than a bounded number (fault C2)', () => {
    const digests = Array.from({ length: 25_000 }, () => randomBytes(32));
    for (const one of digests) wrong.add(one, HERE);
    expect(digests.filter((one) => wrong.has(one, HERE))).toHaveLength(20_000);
  });
});
