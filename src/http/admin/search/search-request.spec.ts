import { describe, expect, it } from 'vitest';
import { CLIENT_SEARCH } from '../../../clients/client.search.js';
import { Problem } from '../../../protocol/problem.js';
import { readQuery } from '../access/query-string.js';
import { readSearchRequest } from './search-request.js';

const read = (query: string) => readSearchRequest(CLIENT_SEARCH, readQuery(`/Client?${query}`));

function faults(query: string): string[] {
  try {
    read(query);
    return [];
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 400) throw error;
    return error.errors.map(({ path }) => path).sort();
  }
}

describe('A search', () => {
  it('has defaults', () => {
    const { count, order, where, withTotal, impossible } = read('');
    expect({ count, order: order.text, where, withTotal, impossible }).toEqual({
      count: 50,
      order: 'id',
      where: [],
      withTotal: true,
      impossible: false,
    });
  });

  it.each([
    '_count=0',
    '_count=1001',
    '_count=ten',
    '_count=1e2',
    '_page=0',
    '_page=-1',
    '_sort=',
    '_sort=secret',
    '_sort=name,-name',
    '_sort=id,bogus',
    '_sort=id;--',
    '_elements=',
    '_elements=secret',
    '_total=some',
    '_after=forged',
    '_lastUpdated=soon',
    'name=a&name=b',
    'bogus=1',
    'id[$ne]=1',
    'toString=1',
    '__proto__=1',
  ])('is rejected with %s', (query) => expect(faults(query)).toHaveLength(1));

  it('reports all faults', () => {
    expect(faults('bogus=1&_count=0&_sort=x&_lastUpdated=x')).toEqual([
      '_count',
      '_lastUpdated',
      '_sort',
      'bogus',
    ]);
  });

  it('accepts two dates', () => {
    expect(read('_lastUpdated=ge2026&_lastUpdated=lt2027').where).toHaveLength(2);
  });

  it.each(['active=maybe', 'grant_type=implicit', '_id=', '_id=a%20b', 'name=%00'])(
    'matches nothing with %s',
    (query) => expect(read(query).impossible).toBe(true),
  );

  it('keeps values out of its SQL', () => {
    const value = `' OR 1=1 --`;
    const { where } = read(`name=${encodeURIComponent(value)}&_id=a,b,${encodeURIComponent(value)}`);
    expect(where.map(({ sql }) => sql).join()).not.toContain('1=1');
    expect(where.map(({ values }) => values)).toEqual([[value.toLowerCase()], ['a', 'b']]);
  });

  it('ends every order with the id', () => {
    const keys = (query: string) =>
      read(query).order.columns.map(({ sql, descending }) => (descending ? '-' : '') + sql);
    expect(keys('_sort=-name,active')).toEqual(['-t.name_folded', 't.active', 't.id']);
    expect(keys('_sort=active,-id,name')).toEqual(['t.active', '-t.id']);
  });
});
