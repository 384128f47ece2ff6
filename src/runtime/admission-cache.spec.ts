import { describe, expect, it } from 'vitest';
import { AdmissionCache } from './admission-cache.js';

const numbers = (from: number, count: number) => Array.from({ length: count }, (_, at) => `${from + at}`);

/** Requests each key in turn and adds the missing ones; returns how many were cached. */
function ask(cache: AdmissionCache<string>, keys: readonly string[]): number {
  let found = 0;
  for (const key of keys) {
    if (cache.get(key) === `value of ${key}`) found++;
    else cache.set(key, `value of ${key}`);
  }
  return found;
}

describe('AdmissionCache', () => {
  it('keeps everything while there is room', () => {
    const cache = new AdmissionCache<string>({ max: 100 });
    ask(cache, numbers(0, 100));
    expect(ask(cache, numbers(0, 100))).toBe(100);
  });

  it('does not evict values for more recurring keys than fit', () => {
    const cache = new AdmissionCache<string>({ max: 100 });
    const turn = numbers(0, 5000);
    ask(cache, turn);
    for (let turns = 0; turns < 3; turns++) expect(ask(cache, turn)).toBeGreaterThan(50);
  });

  it('does not evict a frequent key for keys requested once', () => {
    const cache = new AdmissionCache<string>({ max: 100 });
    const often = numbers(0, 50);
    ask(cache, often);
    for (let turn = 1; turn <= 100; turn++) {
      expect(ask(cache, often)).toBe(50);
      ask(cache, numbers(turn * 1000, 500));
    }
  });

  it('admits a key that is requested again soon, when it is full', () => {
    const cache = new AdmissionCache<string>({ max: 100 });
    ask(cache, numbers(0, 100));
    const newer = numbers(1000, 50);
    for (let turn = 0; turn < 4; turn++) ask(cache, newer);
    expect(ask(cache, newer)).toBe(50);
  });

  it('replaces the value of a cached key', () => {
    const cache = new AdmissionCache<string>({ max: 2 });
    for (const key of ['a', 'b']) cache.set(key, 'old');
    cache.set('a', 'new');
    expect([cache.get('a'), cache.get('b')]).toEqual(['new', 'old']);
  });

  it('is limited by total size as well', () => {
    const cache = new AdmissionCache<string>({ max: 100, maxSize: 10 });
    cache.set('large', 'value', 9);
    cache.set('other', 'value', 2);
    expect([cache.get('large'), cache.get('other')]).toEqual(['value', undefined]);
    cache.set('other', 'value', 2);
    expect([cache.get('large'), cache.get('other')]).toEqual([undefined, 'value']);
  });

  it('admits several recurring keys, however few values fit', () => {
    const cache = new AdmissionCache<string>({ max: 100, maxSize: 10 });
    cache.set('large', 'value', 10);
    for (let turn = 0; turn < 2; turn++)
      for (const key of ['a', 'b', 'c']) cache.set(key, `value of ${key}`, 2);
    expect(ask(cache, ['a', 'b', 'c'])).toBe(3);
  });

  it('is empty after it was cleared, and admits keys again', () => {
    const cache = new AdmissionCache<string>({ max: 10 });
    ask(cache, numbers(0, 20));
    cache.clear();
    expect(ask(cache, numbers(0, 10))).toBe(0);
    expect(ask(cache, numbers(0, 10))).toBe(10);
  });
});
