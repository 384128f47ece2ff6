import { describe, expect, it } from 'vitest';
import { currentKey, inPublishedOrder, nextKey, stateOf } from './key-states.js';

const NOW = 1_000_000;
const key = (kid: string, signsFrom: number, retiredAt: number | null = null) => ({
  kid,
  alg: 'ES256' as const,
  signsFrom,
  retiredAt,
});

describe('The keys of an algorithm', () => {
  it('the latest that has begun signs, the next is announced, older ones are retired', () => {
    const keys = [key('next', NOW + 5), key('now', NOW), key('old', NOW - 5)];
    expect(keys.map((one) => stateOf(one, keys, NOW))).toEqual(['announced', 'current', 'retired']);
    expect(nextKey(keys, 'ES256', NOW)?.kid).toBe('next');
  });

  it('the only one signs also by a clock that is behind that of the process which made it', () => {
    const keys = [key('next', NOW + 86_400_000), key('only', NOW + 50)];
    expect(currentKey(keys, 'ES256', NOW)?.kid).toBe('only');
    expect(keys.map((one) => stateOf(one, keys, NOW))).toEqual(['announced', 'current']);
    expect(inPublishedOrder(keys, NOW).map(({ kid }) => kid)).toEqual(['only', 'next']);
  });

  it('none signs that was retired as unused, announced or not', () => {
    const keys = [key('announced', NOW + 5, NOW), key('signed', NOW - 5, NOW)];
    expect(currentKey(keys, 'ES256', NOW + 10)).toBeUndefined();
    expect(keys.map((one) => stateOf(one, keys, NOW))).toEqual(['retired', 'retired']);
  });
});
