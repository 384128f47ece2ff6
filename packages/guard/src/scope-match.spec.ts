import { describe, expect, it } from 'vitest';
import { scopeMatch } from './scope-match.js';

describe('Without operations, an item', () => {
  const holds = scopeMatch();

  it.each([
    ['book:1:read', 'book:1:read', true],
    ['book:*', 'book:1:read', true],
    ['book', 'book:1:read', true],
    ['book:read', 'book:1:read', true],
    ['book:*:read', 'book:read', true],
    ['book:1:*', 'book:1:read', true],
    ['*:read', 'book:1:read', true],
    ['*', 'book:1:read', true],
    ['*', '*:*:*', true],
    ['page:* book:2 book:*:read', 'book:1:read', true],
    ['', 'book:1:read', false],
    ['book:1:read', 'book:2:read', false],
    ['book:1:read', 'book:*:read', false],
    ['book:1', 'book:1:read', false],
    ['book:1:read book:1:write', 'book:1', false],
    ['book:read book:write', 'book:*', false],
    ['Book:*', 'book:1:read', false],
    ['*', 'Client:1:read', false],
    ['*', 'Session', false],
    ['Client', 'Client:1:read', true],
    ['geocode:location', 'geocode:location', true],
    ['read', 'read', true],
    ['a:b:c:d', 'a:b:c:d', true],
    ['a:b:c:d', 'a:b:c:d:e', false],
    ['book::read', 'book:1:read', false],
    ['*', 'book::read', false],
  ])('%j holds %s: %s', (granted, asked, expected) => {
    expect(holds(granted.split(' '), asked)).toBe(expected);
  });
});

describe('A named operation', () => {
  it('without resources only covers itself', () => {
    const holds = scopeMatch(['write:article', 'read']);
    expect(holds(['write:article'], 'write:article')).toBe(true);
    expect(holds(['write:article'], 'write:1:article')).toBe(false);
    expect(holds(['write'], 'write:article')).toBe(false);
    expect(holds(['read'], 'read:1:article')).toBe(false);
    expect(holds(['book:read'], 'read')).toBe(false);
    expect(holds(['book:read'], 'book:1:read')).toBe(true);
  });

  it('with its resources has the meaning that it has on the server', () => {
    const holds = scopeMatch({ book: ['read', 'write'], page: ['read', 'write:article'] });
    expect(holds(['read'], 'book:1:read')).toBe(true);
    expect(holds(['read'], 'page:1:read')).toBe(true);
    expect(holds(['write'], 'page:1:write')).toBe(false);
    expect(holds(['book', 'page'], 'read')).toBe(true);
    expect(holds(['book'], 'read')).toBe(false);
    expect(holds(['write:article'], 'write:1:article')).toBe(false);
    expect(holds(['page:*'], 'write:article')).toBe(true);
  });
});
