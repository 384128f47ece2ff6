import { describe, expect, it } from 'vitest';
import { MembersReading } from '../../../administration/documents/members.js';
import { ResourceMembers } from '../../../administration/resources/resource.dto.js';
import { Problem } from '../../../protocol/problem.js';
import { tooManyRules } from '../policies/explain.dto.js';

const problemOf = (body: object): Problem => {
  try {
    new MembersReading(ResourceMembers, { ...body }).take();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('the body was taken');
};

describe('A list that is too long', () => {
  it('is reported as one fault, without validating its items (fault B6)', () => {
    let reads = 0;
    const item = Object.defineProperty({}, 'name', { enumerable: true, get: () => `operation-${++reads}` });
    const { errors } = problemOf({ operations: Array(90_000).fill(item) });
    expect(errors).toEqual([{ path: 'operations', message: 'must contain at most 10000 items' }]);
    // Each item is read once, for text that cannot be stored.
    expect(reads).toBeLessThanOrEqual(2 * 90_000);
  });

  it('has its first 500 invalid items reported, and their number (fault B6)', () => {
    const { detail, errors } = problemOf({ operations: Array(700).fill({}) });
    expect(errors).toHaveLength(500);
    expect(detail).toBe('nothing was changed; `errors` lists the first 500 of 700 invalid members');
  });

  it('has at most 2,000 of its invalid items counted (fault B6)', () => {
    const { detail, errors } = problemOf({ operations: Array(3000).fill({}) });
    expect(errors).toHaveLength(500);
    expect(detail).toContain('lists the first 500 of 2000 or more invalid members');
  });

  it('has faults reported up to 64 Ki characters, and the first thousand of each name (fault B2)', () => {
    const body = Object.fromEntries(Array.from({ length: 400 }, (_, n) => [`${n}-`.padEnd(1200, 'x'), n]));
    const { detail, errors } = problemOf(body);
    expect(errors[0]?.path).toBe(`${'0-'.padEnd(1000, 'x')}...`);
    const characters = errors.reduce((sum, { path, message }) => sum + path.length + message.length, 0);
    expect(characters).toBeLessThanOrEqual(64 * 1024);
    expect(characters).toBeGreaterThan(60 * 1024);
    expect(detail).toBe(
      `nothing was changed; \`errors\` lists the first ${errors.length} of 400 invalid members`,
    );
  });

  it('is not searched where an object belongs (fault B6)', () => {
    let reads = 0;
    const item = Object.defineProperty({}, 'alg', { enumerable: true, get: () => `${++reads}` });
    const { errors } = problemOf({ token: Array(100).fill(item) });
    expect(errors).toEqual([{ path: 'token', message: 'must be an object' }]);
    // Each item is read once, for text that cannot be stored.
    expect(reads).toBe(100);
  });

  it('is rejected before drafts are read when they have too many rules in total (fault B6)', () => {
    const drafts = (rules: number) => Array(100).fill({ rules: Array(rules).fill({}) });
    expect(tooManyRules(drafts(20))).toEqual([]);
    expect(tooManyRules(drafts(21))).toEqual([
      { path: 'policies', message: 'must contain at most 2000 rules in total' },
    ]);
    expect(tooManyRules('x')).toEqual([]);
  });
});
