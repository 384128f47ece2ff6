import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_DEPTH, parseJson, repeatedMember, TooDeep } from './json-text.js';

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

describe('parseJson', () => {
  it('reads any JSON value that is not too deep (fault B1)', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: MAX_DEPTH - 1 }), (value) => {
        expect(parseJson(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it.each([
    ['lists', nested(MAX_DEPTH + 1)],
    ['lists that are never closed', '['.repeat(500_000)],
    ['objects', `${'{"a":'.repeat(MAX_DEPTH + 1)}1${'}'.repeat(MAX_DEPTH + 1)}`],
    ['both by turns', '[{"a":'.repeat(100_000)],
    ['lists behind brackets in a string', `["]]]\\"]",${nested(MAX_DEPTH)}]`],
  ])('refuses %s nested deeper than the limit (fault B1)', (_, text) => {
    expect(() => parseJson(text)).toThrow(TooDeep);
  });

  it('reads what is as deep as the limit, and counts no bracket inside a string', () => {
    expect(() => parseJson(nested(MAX_DEPTH))).not.toThrow();
    expect(parseJson(JSON.stringify('['.repeat(100)))).toBe('['.repeat(100));
    expect(parseJson(`[${'[],'.repeat(100)}[]]`)).toHaveLength(101);
  });

  it.each(['', '"', '"\\', '"\\"', '{"a":', ']', '}}', '{"a" 1}'])('refuses %j as no JSON', (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  });
});

describe('repeatedMember', () => {
  it.each([
    ['{"a":1,"a":2}', 'a'],
    ['{"b":{"a":1},"a":[{"c":1,"c":1}]}', 'c'],
    ['{"ab":1,"\\u0061b":1}', 'ab'],
    ['{"a":"x","b":["a","a"],"a":1}', 'a'],
    ['[[{"":1,"":1}]]', ''],
    ['{"a\\"":1,"a\\"":1}', 'a"'],
  ])('finds in %s the name %j', (text, name) => {
    expect(repeatedMember(text)).toBe(name);
  });

  it('finds none in what JSON.stringify has written', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(repeatedMember(JSON.stringify(value))).toBeUndefined();
      }),
    );
  });

  it('passes over names that do not count', () => {
    const counts = (name: string, depth: number) => name === 'a' && depth === 1;
    expect(repeatedMember('{"b":1,"b":1,"c":{"a":1,"a":1}}', counts)).toBeUndefined();
    expect(repeatedMember('{"b":1,"a":1,"a":1}', counts)).toBe('a');
  });
});
