import { describe, expect, it } from 'vitest';
import { claimAt, claimNameFault, claimValueFault, meetsDemand } from './claim-demand.js';

const CLAIMS = {
  repository_id: '74',
  'kubernetes.io': { namespace: 'shop', serviceaccount: { name: 'api' } },
  'https://sts.amazonaws.com/': { aws_account: '123456789012', principal_tags: { team: 'data' } },
  'https://example.com/tenant': 'acme',
  'odd~name': { 'a/b': 1 },
  groups: ['a', 'b'],
};

describe('A claim of a rule', () => {
  it.each([
    ['repository_id', '74'],
    ['/kubernetes.io/namespace', 'shop'],
    ['/kubernetes.io/serviceaccount/name', 'api'],
    ['/https:~1~1sts.amazonaws.com~1/aws_account', '123456789012'],
    ['https://example.com/tenant', 'acme'],
    ['/https:~1~1example.com~1tenant', 'acme'],
    ['/odd~0name/a~1b', 1],
    ['kubernetes.io/namespace', undefined],
    ['/groups/0', undefined],
    ['toString', undefined],
    ['/kubernetes.io/constructor', undefined],
    ['__proto__', undefined],
  ])('is found at %s', (name, value) => {
    expect(claimAt(CLAIMS, name)).toEqual(value);
  });

  it.each([
    ['true', 'true', true],
    [true, 'true', false],
    ['true', true, false],
    [74, '74', false],
    [74, 74, true],
    ['prod', ['dev', 'prod'], true],
    ['test', ['dev', 'prod'], false],
    [['a', 'b'], 'b', true],
    [['a', 'b'], ['c', 'b'], true],
    [['a', 'b'], 'c', false],
    [[], 'c', false],
    [undefined, 'c', false],
    [null, 'c', false],
    [{ a: 1 }, 'c', false],
    ['Prod', 'prod', false],
  ])('%j meets %j: %s', (claim, demanded, meets) => {
    expect(meetsDemand(claim, demanded)).toBe(meets);
  });

  it.each([
    '',
    'x'.repeat(513),
    '/a~2b',
    '/https://sts.amazonaws.com/aws_account',
    5,
    'a\uD800',
    '/a\uDC00/b',
    'a\u0000',
    'a\n',
  ])('rejects the name %j', (name) => expect(claimNameFault(name)).toBeDefined());

  it.each(['Zoë', '🤖', '/🤖/ü', 'a b', '/', '/a/'])('accepts the name %j', (name) =>
    expect(claimNameFault(name)).toBeUndefined(),
  );

  it.each(['', {}, null, [], [['a']], ['a', null], 'x'.repeat(1025), Number.NaN])(
    'rejects the value %j',
    (value) => expect(claimValueFault(value)).toBeDefined(),
  );
});
