import dns from 'node:dns';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { publicLookup } from './filtered-requests.js';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('publicLookup', () => {
  const lookup = (all: boolean, answer: unknown) => {
    vi.spyOn(dns, 'lookup').mockImplementation(((
      _name: string,
      _options: object,
      done: (...found: unknown[]) => void,
    ) => done(null, answer, 6)) as never);
    return new Promise((resolve) => {
      publicLookup('keys.example', { all }, (error, found) => resolve(error?.message ?? found));
    });
  };
  const entry = (address: string) => ({ address, family: 6 });

  it('returns none of the addresses of a name when one of them is not public (K14, ASVS 15.3.2)', async () => {
    expect(await lookup(true, [entry('2a00::1'), entry('::7f00:1')])).toBe('address not permitted');
    expect(await lookup(false, '::10.0.0.1')).toBe('address not permitted');
  });

  it('returns public addresses unchanged', async () => {
    expect(await lookup(true, [entry('2a00::1')])).toEqual([entry('2a00::1')]);
    expect(await lookup(false, '2a00::1')).toBe('2a00::1');
  });
});
