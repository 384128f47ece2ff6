import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../documents/merge-patch.js';
import { saysTheSame } from './unchanged.js';

const reversed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, reversed(member)]),
  );
};

describe('saysTheSame', () => {
  it('ignores the order of members and the version (fault E2)', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (members) => {
        const other = reversed({ ...members, meta: { versionId: '2' } }) as JsonObject;
        expect(saysTheSame({ ...members, meta: { versionId: '1' } }, other)).toBe(true);
      }),
    );
  });

  it.each([
    [{ a: 1 }, { a: 2 }],
    [{ a: 1 }, {}],
    [{}, { a: 1 }],
    [{ a: [1, 2] }, { a: [2, 1] }],
    [{ a: { b: null } }, { a: {} }],
  ])('distinguishes %j from %j (fault E2)', (before, after) =>
    expect(saysTheSame(before, after)).toBe(false),
  );
});
