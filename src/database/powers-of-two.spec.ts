import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inPowersOfTwo } from './powers-of-two.js';

const isPowerOfTwo = (size: number) => (size & (size - 1)) === 0;

describe('Pieces of powers of two', () => {
  it('contain all items in order, none larger than the maximum', () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), fc.integer({ min: 1, max: 64 }), (all, most) => {
        const pieces = [...inPowersOfTwo(all, most)];
        expect(pieces.flat()).toEqual(all);
        for (const { length } of pieces) expect(isPowerOfTwo(length) && length <= most).toBe(true);
      }),
    );
  });

  it('contain only items that fit together, apart from a single too large one', () => {
    const together = (some: readonly number[]) => some.reduce((sum, one) => sum + one, 0) <= 100;
    fc.assert(
      fc.property(fc.array(fc.nat(150)), (all) => {
        const pieces = [...inPowersOfTwo(all, 64, together)];
        expect(pieces.flat()).toEqual(all);
        for (const piece of pieces) expect(piece.length === 1 || together(piece)).toBe(true);
      }),
    );
  });
});
