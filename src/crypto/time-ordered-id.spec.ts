import { describe, expect, it } from 'vitest';
import { timeOrderedId } from './time-ordered-id.js';

const MANY = 10_000;
const ids = Array.from({ length: MANY }, timeOrderedId);

describe('timeOrderedId', () => {
  it('has version 7 and the variant of RFC 9562 (RFC 9562 5.7)', () => {
    const form = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    expect(ids.filter((id) => !form.test(id))).toEqual([]);
  });

  it('is greater than every one before, in one millisecond as well (RFC 9562 6.2)', () => {
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(ids).size).toBe(MANY);
  });

  it('ends in numbers that were not handed out before (RFC 9562 6.9)', () => {
    expect(new Set(ids.map((id) => id.slice(-8))).size).toBeGreaterThan(MANY * 0.999);
  });
});
