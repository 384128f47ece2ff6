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
  it('keeps everything that there is room for', () => {
    const cache = new AdmissionCache<string>({ max: 100 });
    ask(cache, numbers(0, 100));
    expect(ask(cache, numbers(0, 100))).toBe(100);
  });

  it('does not lose what it keeps to more keys in turn than there is room for', () => {
    const cache = new AdmissionCache<string>({ max: 100 });
    const turn = numbers(0, 5000);
    ask(cache, turn);
    for (let turns = 0; turns < 3; turns++) expect(ask(cache, turn)).toBeGreaterThan(50);
  });

  it('does not lose what is asked for often to keys that come once', () => {
    const cache = new AdmissionCache<string>({ max: 100 });
    const often = numbers(0, 50);
    ask(cache, often);
    for (let turn = 1; turn <= 100; turn++) {
      expect(ask(cache, often)).toBe(50);
      ask(cache, numbers(turn * 1000, 500));
    }
  });

  it('takes in what comes again soon, where there is no more room', () => {
    const cache = new AdmissionCache<string>({ max: 100 });
    ask(cache, numbers(0, 100));
    const newer = numbers(1000, 50);
    for (let turn = 0; turn < 4; turn++) ask(cache, newer);
    expect(ask(cache, newer)).toBe(50);
  });

  it('takes the newer value of what it keeps', () => {
    const cache = new AdmissionCache<string>({ max: 2 });
    for (const key of ['a', 'b']) cache.set(key, 'old');
    cache.set('a', 'new');
    expect([cache.get('a'), cache.get('b')]).toEqual(['new', 'old']);
  });

  it('is full by the size of all, too', () => {
    const cache = new AdmissionCache<string>({ max: 100, maxSize: 10 });
    cache.set('large', 'value', 9);
    cache.set('other', 'value', 2);
    expect([cache.get('large'), cache.get('other')]).toEqual(['value', undefined]);
    cache.set('other', 'value', 2);
    expect([cache.get('large'), cache.get('other')]).toEqual([undefined, 'value']);
  });

  it('takes in several that come in turn, however little is kept', () => {
    const cache = new AdmissionCache<string>({ max: 100, maxSize: 10 });
    cache.set('large', 'value', 10);
    for (let turn = 0; turn < 2; turn++)
      for (const key of ['a', 'b', 'c']) cache.set(key, `value of ${key}`, 2);
    expect(ask(cache, ['a', 'b', 'c'])).toBe(3);
  });

  it('is empty after it was emptied, and takes in what comes', () => {
    const cache = new AdmissionCache<string>({ max: 10 });
    ask(cache, numbers(0, 20));
    cache.clear();
    expect(ask(cache, numbers(0, 10))).toBe(0);
    expect(ask(cache, numbers(0, 10))).toBe(10);
  });
});
