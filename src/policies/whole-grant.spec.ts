import { describe, expect, it } from 'vitest';
import { OWN_TYPES } from '../../packages/protocol/src/own-type.js';
import { Catalog } from '../resources/catalog.js';
import type { Resource } from '../resources/resource.js';
import { atOnce } from '../runtime/slices.js';
import { CompiledPolicies } from './compiled-policies.js';
import type { Policy, Rule } from './policy.js';
import { coversAudience, wholeGrant } from './whole-grant.js';

const OWN = 'https://login.example/';

const resource = (id: string, operations: string[], audience: string | null = null): Resource => ({
  id,
  audience,
  operations: operations.map((name) => ({ name })),
  version: 1,
  createdAt: 0,
  updatedAt: 0,
  name: null,
  introspectionClients: [],
  token: {},
});

const rule = (
  effect: Rule['effect'],
  resource: string,
  identifier: string,
  ...operations: string[]
): Rule => ({
  effect,
  resource,
  identifier,
  operations,
});

const allow = (...places: [string, string, ...string[]]) => rule('allow', ...places);
const deny = (...places: [string, string, ...string[]]) => rule('deny', ...places);

function policies(...rules: Rule[]): CompiledPolicies {
  const policy: Policy = {
    id: 'p',
    engine: 'rules',
    rules,
    version: 1,
    createdAt: 0,
    updatedAt: 0,
    everyone: false,
    exceptIds: [],
    clientIds: ['client'],
  };
  return new CompiledPolicies([policy]);
}

const catalog = new Catalog(
  [
    ...OWN_TYPES.map((type) => resource(type, ['read', 'update'])),
    resource('book', ['write', 'read', 'read:aloud'], 'urn:library'),
    resource('diary', ['read']),
    resource('map', ['zoom', 'map:1:zoom'], 'urn:atlas'),
    resource('page', ['turn', 'read'], 'urn:library'),
  ],
  OWN,
);

const grant = (rules: Rule[], ...audiences: string[]) =>
  atOnce(wholeGrant(policies(...rules), catalog, audiences));

const EVERYTHING = allow('*', '*', '*');

/** Rules for so many identifiers of books. */
const identifiers = (count: number, ...operations: string[]) =>
  Array.from({ length: count }, (_, n) => allow('book', `i${n}`, ...operations));

describe('The size of a whole grant', () => {
  it('is as many items as a request can name', () => {
    expect(grant(identifiers(2000, 'read'), 'urn:library')).toHaveLength(2000);
    expect(() => grant(identifiers(2001, 'read'), 'urn:library')).toThrow(
      'all that is granted for the audience is more than 2000 items: send a scope',
    );
  });

  it('bounds the decisions as well, however few items are granted (fault B6)', () => {
    const rules = [...identifiers(15_000, '*'), deny('book', '*', '*')];
    expect(() => grant(rules, 'urn:library')).toThrow('send a scope');
  });
});

describe('wholeGrant', () => {
  it('gives bare names, by resource and then as the operations were registered', () => {
    expect(grant([EVERYTHING], 'urn:library')).toEqual(['write', 'read', 'read:aloud', 'turn']);
  });

  it('follows the audiences in the order requested', () => {
    const all = ['zoom', 'map:1:zoom', 'write', 'read', 'read:aloud', 'turn'];
    expect(grant([EVERYTHING], 'urn:atlas', 'urn:library')).toEqual(all);
    expect(grant([EVERYTHING], 'urn:library', 'urn:atlas')).toEqual([...all.slice(2), ...all.slice(0, 2)]);
  });

  it('gives pieces where an operation is granted on some identifiers only', () => {
    expect(grant([allow('page', '1', 'turn'), allow('page', '2', '*')], 'urn:library')).toEqual([
      'page:1:turn',
      'page:2:turn',
      'page:2:read',
    ]);
  });

  it('leaves out what a deny rule touches', () => {
    expect(grant([allow('page', '*', 'turn'), deny('page', '3', 'turn')], 'urn:library')).toEqual([]);
    const rules = [allow('page', '*', 'turn'), allow('page', '1', 'turn'), allow('page', '3', 'turn')];
    expect(grant([...rules, deny('page', '3', 'turn')], 'urn:library')).toEqual(['page:1:turn']);
  });

  it('gives the bare name of a shared operation only if every one grants it, else resource:*:operation', () => {
    expect(grant([allow('book', '*', 'read')], 'urn:library')).toEqual(['book:*:read']);
    expect(grant([allow('book', '*', 'read'), allow('page', '1', 'read')], 'urn:library')).toEqual([
      'book:*:read',
      'page:1:read',
    ]);
    expect(grant([allow('book', '*', 'read'), allow('page', '*', 'read')], 'urn:library')).toEqual(['read']);
  });

  it('reaches an operation whose name holds a colon by its bare name only', () => {
    expect(grant([allow('book', '*', 'read:aloud')], 'urn:library')).toEqual(['read:aloud']);
    expect(grant([allow('book', '1', 'read:aloud')], 'urn:library')).toEqual([]);
  });

  it('never spells a piece like the name of an operation, which would be read as that', () => {
    expect(grant([allow('map', '1', 'zoom'), allow('map', '2', 'zoom')], 'urn:atlas')).toEqual([
      'map:2:zoom',
    ]);
  });

  it('never issues *', () => {
    expect(
      grant([EVERYTHING, allow('*', '1', '*')], 'urn:library').filter((item) => item.includes('*')),
    ).toEqual([]);
    expect(grant([allow('*', '1', 'turn')], 'urn:library')).toEqual(['page:1:turn']);
  });

  it('is empty without a policy, and for an unregistered audience', () => {
    expect(grant([], 'urn:library')).toEqual([]);
    expect(grant([EVERYTHING], 'urn:nobody')).toEqual([]);
  });
});

describe('deniesAll', () => {
  it.each<[Rule[], boolean]>([
    [[deny('book', '*', '*')], true],
    [[deny('*', '*', '*')], true],
    [[deny('page', '*', '*')], false],
    [[deny('book', '1', '*'), deny('book', '*', 'read')], false],
  ])('with %j: %s', (rules, expected) => {
    // As a list, and as an index.
    const many = Array.from({ length: 100 }, (_, n) => deny('book', `i${n}`, 'read'));
    expect([rules, [...rules, ...many]].map((some) => policies(...some).deniesAll('book'))).toEqual([
      expected,
      expected,
    ]);
  });
});

describe('coversAudience', () => {
  const covers = (rules: Rule[], audience: string) => coversAudience(policies(...rules), catalog, audience);

  it.each<[Rule, string, boolean]>([
    [allow('book', '1', 'read'), 'urn:library', true],
    [EVERYTHING, 'urn:library', true],
    [allow('map', '*', '*'), 'urn:library', false],
    [deny('book', '*', '*'), 'urn:library', false],
    [EVERYTHING, 'urn:nobody', false],
    [EVERYTHING, OWN, true],
    [allow('diary', '1', 'read'), OWN, true],
    [allow('Client', '*', 'read'), OWN, true],
  ])('with %j, %s is covered: %s', (one, audience, expected) => {
    expect(covers([one], audience)).toBe(expected);
  });

  it('is not undone by a deny rule', () => {
    expect(covers([EVERYTHING, deny('*', '*', '*')], 'urn:library')).toBe(true);
  });
});
