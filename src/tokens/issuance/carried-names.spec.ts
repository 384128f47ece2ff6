import { describe, expect, it } from 'vitest';
import { Catalog } from '../../resources/catalog.js';
import type { Resource } from '../../resources/resource.js';
import type { Authorization } from '../grants/grant.js';
import { carriedBy } from './carried-names.js';

const aResource = (id: string, ...names: string[]): Resource => ({
  id,
  version: 1,
  createdAt: 0,
  updatedAt: 0,
  name: null,
  audience: `urn:${id}`,
  operations: names.map((name) => ({ name })),
  introspectionClients: [],
  token: {},
});

const many = Array.from({ length: 1001 }, (_, at) => `op${at}`);
const catalog = new Catalog(
  [aResource('a', 'read', 'list', ...many), aResource('b', 'read', 'write')],
  'https://login.example/',
  undefined,
  7,
);

const carried = (scope: string[] | null, members: Partial<Authorization> = {}) =>
  carriedBy('client', {
    audience: ['urn:a', 'urn:b'],
    audienceAsked: true,
    scope,
    catalog,
    ...members,
  } as Authorization);

const inB = (operation: string) => ({ audience: 'urn:b', operation, clientId: 'client' });

describe('The names that a token carries', () => {
  it('are those of one audience that another does not have, with the state of the catalog (fault A1)', () => {
    const inA = { ...inB('write'), audience: 'urn:a' };
    expect(carried(['read', 'list', 'write', 'a:1:read'])).toEqual({ names: [inA, inB('list')], claims: 7 });
    expect(carried(['list'], { audience: ['urn:a', 'urn:gone'] })?.names).toEqual([
      { ...inB('list'), audience: 'urn:gone' },
    ]);
  });

  it('are none for one audience, a derived one, or without bare names (fault A1)', () => {
    expect(carried(['list'], { audience: ['urn:a'] })).toBeUndefined();
    expect(carried(['list'], { audienceAsked: false })).toBeUndefined();
    expect([carried(null), carried(['read', 'a:*:list'])]).toEqual([undefined, undefined]);
  });

  it('are any where they are too many to record (fault A1)', () => {
    const inA = { ...inB(''), audience: 'urn:a' };
    expect(carried(many)?.names).toEqual([inA, inB('')]);
  });
});
