import { describe, expect, it } from 'vitest';
import { ScopeUseCounts } from './scope-use-counts.js';

const read = (identifier: string) => ({ resource: 'book', identifier, operation: 'read' });
const seen = (use: { identifier: string; verified: number; introspected: number }) => [
  use.identifier,
  use.verified,
  use.introspected,
];

describe('The counts of used scope items', () => {
  it('tell each use once, in order of the first', () => {
    const counts = new ScopeUseCounts();
    const token = counts.ofToken('a', [read('1'), read('2')]);
    for (let n = 0; n < 3; n++) counts.introspected(token);
    counts.verified('a', read('1'));
    counts.verified('a', read('1'));
    counts.verified('b', read('1'));
    expect(counts.take().map((use) => [use.clientId, ...seen(use)])).toEqual([
      ['a', '1', 2, 3],
      ['b', '1', 1, 0],
      ['a', '2', 0, 3],
    ]);
    expect(counts.take()).toEqual([]);
    counts.introspected(token);
    expect(counts.take().map(seen)).toEqual([
      ['1', 0, 1],
      ['2', 0, 1],
    ]);
  });

  it('keep what is folded apart from what was checked as a whole', () => {
    const counts = new ScopeUseCounts();
    counts.verified('a', read('*'));
    counts.verified('a', read('*'), true);
    expect(counts.take().map(({ folded, verified }) => [folded, verified])).toEqual([
      [false, 1],
      [true, 1],
    ]);
  });

  it('are those of one client before they are taken', () => {
    const counts = new ScopeUseCounts();
    const token = counts.ofToken('a', [read('1')]);
    counts.introspected(token);
    counts.introspected(token);
    counts.verified('b', read('1'));
    expect(counts.ofClient('a').map(seen)).toEqual([['1', 0, 2]]);
    expect(counts.ofClient('b').map(seen)).toEqual([['1', 1, 0]]);
    expect(counts.ofClient('c')).toEqual([]);
  });

  it('are bounded between two writes, and go on after each', () => {
    const counts = new ScopeUseCounts();
    for (let n = 0; n < 60_000; n++) counts.verified('a', read(String(n)));
    expect(counts.take()).toHaveLength(50_000);
    for (let n = 0; n < 60_000; n++) counts.verified('a', read(String(n)));
    expect(counts.take()).toHaveLength(50_000);
    for (let n = 0; n < 60_000; n++) counts.introspected(counts.ofToken('a', [read('1'), read('2')]));
    expect(counts.take().map(seen)).toEqual([
      ['1', 0, 50_000],
      ['2', 0, 50_000],
    ]);
  });
});
