import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anchorOf, anchorsFor, fitsAnySubject, fitsSubject, subjectFault } from './subject-pattern.js';

describe('The subject of a federated rule', () => {
  it.each([
    ['repo:acme/app:ref:refs/heads/main', 'repo:acme/app:ref:refs/heads/main', true],
    ['repo:acme/app:ref:refs/heads/main', 'repo:acme/app:ref:refs/heads/main2', false],
    ['repo:acme/app', 'Repo:acme/app', false],
    ['repo:acme/*:ref:refs/heads/main', 'repo:acme/app:ref:refs/heads/main', true],
    ['repo:acme/*:ref:refs/heads/main', 'repo:acme/a/b:ref:refs/heads/main', false],
    ['repo:acme/*:ref:refs/heads/main', 'repo:acme/:ref:refs/heads/main', false],
    ['repo:acme/*', 'repo:acme/app:ref:refs/heads/main', false],
    ['repo:acme/**', 'repo:acme/app:ref:refs/heads/main', true],
    ['repo:acme/**', 'repo:acme/', false],
    ['repo:acme/**', 'repo:acme-evil/app', false],
    ['repo:acme/app-*:environment:prod', 'repo:acme/app-one:environment:prod', true],
    ['repo:acme/app-*:environment:prod', 'repo:acme/app-one:environment:prod:x', false],
    ['**:environment:prod', 'repo:acme/app:environment:prod', true],
    ['spiffe://example.org/ns/*/sa/api', 'spiffe://example.org/ns/shop/sa/api', true],
    ['spiffe://example.org/**/api', 'spiffe://example.org/ns/shop/sa/api', true],
    ['*', 'one-segment', true],
    ['*', 'two:segments', false],
    ['a.c', 'abc', false],
    ['a*b*c', 'a1b2b3c', true],
    ['a*b*c', 'a1b2b3', false],
    ['repo:acme/*', 'repo:acme/*', true],
  ])('%s fits %s: %s', (pattern, subject, fits) => {
    expect(fitsSubject(pattern, subject)).toBe(fits);
  });

  it('is found in the index for every subject that it fits', () => {
    const piece = fc.constantFrom('a', 'b', ':', '/', '*', '**');
    const pattern = fc.array(piece, { minLength: 1, maxLength: 12 }).map((parts) => parts.join(''));
    const subject = fc
      .array(fc.constantFrom('a', 'b', ':', '/'), { maxLength: 14 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(pattern, subject, (rule, sub) => {
        if (fitsSubject(rule, sub)) expect(anchorsFor(sub)).toContain(anchorOf(rule));
      }),
      { numRuns: 5000 },
    );
  });

  it('fits as a regular expression would', () => {
    const pattern = fc
      .array(fc.constantFrom('a', 'b', ':', '/', '*', '**'), { minLength: 1, maxLength: 8 })
      .map((parts) => parts.join(''))
      .filter((text) => !/\*{3}/.test(text));
    const subject = fc
      .array(fc.constantFrom('a', 'b', ':', '/'), { maxLength: 10 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(pattern, subject, (rule, sub) => {
        const source = rule.replace(/\*+/g, (stars) => (stars === '*' ? '[^:/]+' : '.+'));
        expect(fitsSubject(rule, sub)).toBe(new RegExp(`^${source}$`).test(sub));
      }),
      { numRuns: 5000 },
    );
  });

  it('has as many index keys as it has segments, at most 34', () => {
    expect(anchorsFor('a:b/c')).toEqual(['=a:b/c', '^', '^a:', '^a:b/']);
    expect(anchorsFor(':'.repeat(1000))).toHaveLength(34);
    expect(anchorsFor(':'.repeat(1000))).toContain(anchorOf(`${':'.repeat(500)}*`));
  });

  it.each(['', 'x'.repeat(1025), 'a***', '*a'.repeat(9), 5, null])('rejects %j', (value) => {
    expect(subjectFault(value)).toBeDefined();
  });

  it('recognises patterns that fit every subject', () => {
    expect([fitsAnySubject('*'), fitsAnySubject('**'), fitsAnySubject('a**')]).toEqual([true, true, false]);
  });
});
