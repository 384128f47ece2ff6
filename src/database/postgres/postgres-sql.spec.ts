import { describe, expect, it } from 'vitest';
import { toPostgres } from './postgres-sql.js';

describe('toPostgres', () => {
  it.each([
    ['SELECT a FROM t WHERE b = ? AND c IN (?, ?)', 'SELECT a FROM t WHERE b = $1 AND c IN ($2, $3)'],
    ['SELECT `key` FROM t', 'SELECT "key" FROM t'],
    ['SELECT a FROM t WHERE INSTR(b, ?) > 0', 'SELECT a FROM t WHERE STRPOS(b, $1) > 0'],
    ['SELECT "a" FROM "t" WHERE "b" = $1', 'SELECT "a" FROM "t" WHERE "b" = $1'],
  ])('translates the shared SQL: %s', (shared, postgres) => {
    expect(toPostgres(shared)).toBe(postgres);
    expect(toPostgres(shared)).toBe(postgres);
  });
});
