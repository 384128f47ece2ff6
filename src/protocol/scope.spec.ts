import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OAuthError } from './oauth-error.js';
import { formatScope, MAX_SCOPE_ITEM_LENGTH, MAX_SCOPE_ITEMS, parseScope, SCOPE_TOKEN } from './scope.js';

function refusal(scope: string): string | undefined {
  try {
    parseScope(scope);
    return undefined;
  } catch (error) {
    return error instanceof OAuthError ? `${error.status} ${error.code}` : String(error);
  }
}

const items = (count: number) => Array.from({ length: count }, (_, position) => `i${position}`).join(' ');

describe('parseScope', () => {
  it.each([
    ['read', ['read']],
    ['b a', ['b', 'a']],
    ['a b a', ['a', 'b']],
    ['a A', ['a', 'A']],
    ['  a   b ', ['a', 'b']],
    ['', []],
    [' ', []],
    ['!#[]~', ['!#[]~']],
  ])('reads %j as %j, in the order asked, repeats once (RFC 6749 3.3)', (scope, expected) => {
    expect(parseScope(scope)).toEqual(expected);
  });

  it.each(['a"b', 'a\\b', 'é', 'a\tb', 'a\nb', 'a\u0000b', 'a\u007Fb', 'a\u00A0b', '日', '\u{1F600}'])(
    'refuses %j: outside the characters of a scope (RFC 6749 3.3)',
    (scope) => {
      expect(refusal(scope)).toBe('400 invalid_scope');
    },
  );

  it('takes exactly the characters %x21 / %x23-5B / %x5D-7E in an item (RFC 6749 3.3)', () => {
    const taken = Array.from({ length: 0x180 }, (_, code) => String.fromCharCode(code)).filter(
      (character) => character !== ' ' && refusal(character) === undefined,
    );
    const allowed = Array.from({ length: 0x7f - 0x21 }, (_, offset) => String.fromCharCode(0x21 + offset));
    expect(taken).toEqual(allowed.filter((character) => !'"\\'.includes(character)));
    expect(taken.every((character) => SCOPE_TOKEN.test(character))).toBe(true);
  });

  it('takes 2,000 items and refuses 2,001', () => {
    expect(parseScope(items(MAX_SCOPE_ITEMS))).toHaveLength(2000);
    expect(refusal(items(MAX_SCOPE_ITEMS + 1))).toBe('400 invalid_scope');
  });

  it('counts repeats as items, so that the work stays bounded', () => {
    expect(refusal('a '.repeat(MAX_SCOPE_ITEMS + 1))).toBe('400 invalid_scope');
  });

  it('takes an item of 256 characters and refuses one of 257', () => {
    expect(parseScope('a'.repeat(MAX_SCOPE_ITEM_LENGTH))).toHaveLength(1);
    expect(refusal('a'.repeat(MAX_SCOPE_ITEM_LENGTH + 1))).toBe('400 invalid_scope');
  });

  it('reads back what formatScope writes', () => {
    const item = fc.stringMatching(/^[!#-[\]-~]{1,20}$/);
    fc.assert(
      fc.property(fc.uniqueArray(item, { maxLength: 30 }), (list) => {
        expect(parseScope(formatScope(list))).toEqual(list);
      }),
    );
  });
});
