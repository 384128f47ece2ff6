import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatScopeItem, isSegment, itemCovers, parseScopeItem, type ScopeItem } from './scope-item.js';

const item = (resource: string, identifier: string, operation: string): ScopeItem => ({
  resource,
  identifier,
  operation,
});

describe('parseScopeItem', () => {
  it.each([
    ['book:1:read', item('book', '1', 'read')],
    ['book:*:read', item('book', '*', 'read')],
    ['book:1:*', item('book', '1', '*')],
    ['book:read', item('book', '*', 'read')],
    ['book:1', item('book', '*', '1')],
    ['book:*', item('book', '*', '*')],
    ['book', item('book', '*', '*')],
    ['*:read', item('*', '*', 'read')],
    ['*:1:read', item('*', '1', 'read')],
    ['*:*:*', item('*', '*', '*')],
    ['*:*', item('*', '*', '*')],
    ['*', item('*', '*', '*')],
  ])('reads %s', (text, expected) => {
    expect(parseScopeItem(text)).toEqual(expected);
  });

  it.each([
    '',
    ':',
    '::',
    'r:',
    ':r',
    'r::read',
    'r:1:',
    ':1:read',
    'r:1:read:x',
    'a:b:c:',
    'r*',
    'r:1*:read',
    '**',
    'r:**',
    'r:*x:read',
  ])('rejects %j as outside the grammar', (text) => {
    expect(parseScopeItem(text)).toBeUndefined();
  });

  it('reads back what formatScopeItem writes', () => {
    const place = fc.oneof(fc.constant('*'), fc.stringMatching(/^[a-z0-9._/-]{1,8}$/));
    fc.assert(
      fc.property(place, place, place, (resource, identifier, operation) => {
        const whole = item(resource, identifier, operation);
        expect(parseScopeItem(formatScopeItem(whole))).toEqual(whole);
      }),
    );
  });
});

describe('isSegment', () => {
  it('is true for * and for a literal without one, and nothing in between', () => {
    expect(['*', 'read', 'a.b', ''].map(isSegment)).toEqual([true, true, true, false]);
    expect(['a*', '*a', '**', 'a*b'].map(isSegment)).toEqual([false, false, false, false]);
  });
});

describe('itemCovers', () => {
  it.each([
    ['*:*:*', 'book:1:read', true],
    ['book:*:*', 'book:1:read', true],
    ['book:1:read', 'book:1:read', true],
    ['book:*:read', 'book:1:read', true],
    ['book:1:*', 'book:1:read', true],
    ['book:1:read', 'book:2:read', false],
    ['book:1:read', 'book:1:write', false],
    ['book:1:read', 'page:1:read', false],
    ['book:1:read', 'book:*:read', false],
    ['book:1:read', 'book:1:*', false],
    ['book:*:*', '*:*:*', false],
    ['*:*:*', 'Client:1:read', false],
    ['Client:*:*', 'Client:1:read', true],
  ])('%s over %s is %s', (outer, inner, expected) => {
    expect(itemCovers(parseScopeItem(outer)!, parseScopeItem(inner)!)).toBe(expected);
  });
});
