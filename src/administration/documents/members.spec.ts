import { describe, expect, it } from 'vitest';
import { Problem } from '../../protocol/problem.js';
import { ClientMembers } from '../clients/client.dto.js';
import { PolicyMembers } from '../policies/policy.dto.js';
import { MembersReading } from './members.js';
import type { JsonObject } from './merge-patch.js';

function faultPaths(type: new () => object, body: JsonObject): string[] {
  try {
    new MembersReading(type, body).take();
    return [];
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return error.errors.map(({ path }) => path).sort();
  }
}

const RULE = { effect: 'allow', resource: 'book', identifier: '*', operations: ['read'] };
const policy = (members: JsonObject) => ({ engine: 'rules', everyone: true, rules: [RULE], ...members });

describe('The faults of a body', () => {
  it('are all reported at once, each at its path', () => {
    const credentials = { audience: ['a', 5, 'b c'], token_format: 'paper', access_token_expiration: '600' };
    const body = {
      name: { x: 1 },
      active: 'yes',
      secret: 'short',
      auth: { client_credentials: credentials },
    };
    expect(faultPaths(ClientMembers, body)).toEqual([
      'active',
      'auth.client_credentials.access_token_expiration',
      'auth.client_credentials.audience[1]',
      'auth.client_credentials.audience[2]',
      'auth.client_credentials.token_format',
      'name',
      'secret',
    ]);
  });

  it.each([
    [{ bogus: 1 }, 'bogus'],
    [{ auth: { bogus: {} } }, 'auth.bogus'],
    [{ toString: 1 }, 'toString'],
    [{ auth: { client_credentials: { hasOwnProperty: 1 } } }, 'auth.client_credentials.hasOwnProperty'],
    [{ 0: 1 }, '0'],
  ])('include unknown members: %j', (body, path) => expect(faultPaths(ClientMembers, body)).toEqual([path]));

  it.each([-1, 0, 1.5, 1e99, 2_147_483_648, Number.NaN, Number.POSITIVE_INFINITY, '60', null, true, [60]])(
    'include %j seconds',
    (seconds) => {
      const body = { auth: { client_credentials: { access_token_expiration: seconds } } };
      expect(faultPaths(ClientMembers, body)).toEqual(['auth.client_credentials.access_token_expiration']);
    },
  );

  it.each(['x', 5, [], [{}], null])('include %j where an object belongs', (auth) =>
    expect(faultPaths(ClientMembers, { auth })).toEqual(['auth']),
  );

  it.each([
    [[{ ...RULE, operations: ['read', 5] }], ['rules[0].operations[1]']],
    [
      [RULE, { ...RULE, effect: 'maybe', extra: 1 }],
      ['rules[1].effect', 'rules[1].extra'],
    ],
    [
      [RULE, {}],
      ['rules[1].effect', 'rules[1].identifier', 'rules[1].operations', 'rules[1].resource'],
    ],
    [
      [5, RULE, null, 'x'],
      ['rules[0]', 'rules[2]', 'rules[3]'],
    ],
    [[[]], ['rules[0]']],
    [[['x']], ['rules[0]']],
    [
      [
        { ...RULE, identifier: 'a*' },
        { ...RULE, identifier: 'a:b' },
      ],
      ['rules[0].identifier', 'rules[1].identifier'],
    ],
    [[{ ...RULE, operations: [] }], ['rules[0].operations']],
    [{}, ['rules']],
    [Array(10_001).fill(RULE), ['rules']],
  ])('have the path of the item: %#', (rules, paths) =>
    expect(faultPaths(PolicyMembers, policy({ rules }))).toEqual(paths),
  );

  it.each([
    [[{ resourceType: 'Client', id: 'a' }, { reference: 'Client/a' }], []],
    [[{ id: 'a' }], ['link[0].resourceType']],
    [[{ resourceType: 'User', id: 'a' }], ['link[0].resourceType']],
    [[{ resourceType: 'Client' }], ['link[0].id']],
    [[{ reference: 'User/a' }], ['link[0].reference']],
    [[{ reference: 'Client/a', id: 'a' }], ['link[0].id']],
    [[{}], ['link[0].id', 'link[0].resourceType']],
  ])('are found in references: %j', (link, paths) =>
    expect(faultPaths(PolicyMembers, policy({ link }))).toEqual(paths),
  );

  it.each([
    [{ name: 'a\ud800' }, ['name']],
    [{ name: 'a\u0000' }, ['name']],
    [{ name: 'two\nlines' }, ['name']],
    [{ secret: 'with\na tab\t' }, ['secret']],
    [{ secret: 'broken \udfff half' }, ['secret']],
  ])('are found in text: %j', (body, paths) => expect(faultPaths(ClientMembers, body)).toEqual(paths));

  it('count characters, not code units', () => {
    expect(faultPaths(ClientMembers, { name: '😀'.repeat(255), secret: '😀'.repeat(8) })).toEqual([]);
    expect(faultPaths(ClientMembers, { name: '😀'.repeat(256), secret: '😀'.repeat(7) })).toEqual([
      'name',
      'secret',
    ]);
  });
});
