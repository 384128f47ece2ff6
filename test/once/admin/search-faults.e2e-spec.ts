import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem, idsOf, linkOf } from '../../admin/answers.js';
import { type Admin, admin } from '../../support/admin.js';
import { useLibrary } from '../../support/library.js';

const library = useLibrary();
let root: Admin;

beforeAll(() => {
  root = admin(library.server);
});

const TYPES = ['Client', 'Resource', 'AccessPolicy', 'Session'];

describe.each(TYPES)(
  'Rejects an invalid search of /%s with 400 and names the parameter (A05, A06, ASVS 1.2.4, GHSA-r9w3-57w2-gch2)',
  (type) => {
    it.each([
      ['unknown=1', ['unknown']],
      ['_ID=root', ['_ID']],
      ['id=root', ['id']],
      ['id[name]=1', ['id[name]']],
      ['name[$ne]=x', ['name[$ne]']],
      ['__proto__=1', ['__proto__']],
      ['constructor=1', ['constructor']],
      ['toString', ['toString']],
      ['_sort=nothing', ['_sort']],
      ['_sort=id;--', ['_sort']],
      ['_sort=id%20DESC', ['_sort']],
      ['_sort=(SELECT%201)', ['_sort']],
      ['_sort=', ['_sort']],
      ['_sort=id,', ['_sort']],
      ['_sort=--id', ['_sort']],
      ['_sort=id,-id', ['_sort']],
      ['_sort=secret', ['_sort']],
      ['_sort=constructor', ['_sort']],
      ['_count=0', ['_count']],
      ['_count=1001', ['_count']],
      ['_count=-1', ['_count']],
      ['_count=1.5', ['_count']],
      ['_count=1e2', ['_count']],
      ['_count=0x10', ['_count']],
      ['_count=ten', ['_count']],
      ['_count=', ['_count']],
      ['_count=99999999999999999999', ['_count']],
      ['_page=0', ['_page']],
      ['_page=-1', ['_page']],
      ['_page=one', ['_page']],
      ['_page=', ['_page']],
      ['_total=maybe', ['_total']],
      ['_elements=nothing', ['_elements']],
      ['_elements=id,secret', ['_elements']],
      ['_elements=', ['_elements']],
      ['_count=2&_count=3', ['_count']],
      ['_id=a&_id=b', ['_id']],
      ['_lastUpdated=yesterday', ['_lastUpdated']],
      ['=1', ['']],
    ])('rejects the query %s', async (query, paths) => {
      expectProblem(await root.get(`/${type}?${query}`), 400, paths);
    });

    it('reports everything that is wrong at once', async () => {
      const query = '_count=0&_page=0&_sort=x&_total=x&_elements=x&other=1&_lastUpdated=x';
      const paths = ['_count', '_page', '_sort', '_total', '_elements', 'other', '_lastUpdated'];
      expectProblem(await root.get(`/${type}?${query}`), 400, paths);
    });

    it.each(['_id=%zz', '_id=%', '_id=%C3', '%FF=1', '_sort=%E0%A4'])(
      'rejects a query that is not percent-encoded UTF-8: %s',
      async (query) => {
        const answer = await root.get(`/${type}?${query}`);
        expect(answer.status, answer.text).toBe(400);
        expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
      },
    );
  },
);

describe('Search parameters of other types', () => {
  it.each([
    ['Client', 'audience'],
    ['Client', 'client'],
    ['Client', 'secret'],
    ['Client', 'start'],
    ['Resource', 'active'],
    ['Resource', 'grant_type'],
    ['Resource', 'resource'],
    ['AccessPolicy', 'name'],
    ['AccessPolicy', 'audience'],
    ['Session', 'name'],
    ['Session', 'resource'],
    ['Session', 'engine'],
    ['Session', 'token_digest'],
  ])('rejects for /%s the parameter %s', async (type, name) => {
    expectProblem(await root.get(`/${type}?${name}=x`), 400, [name]);
    expectProblem(await root.get(`/${type}?_sort=${name}`), 400, ['_sort']);
  });
});

describe('Invalid cursors (A06, ASVS 1.2.4, GHSA-r9w3-57w2-gch2)', () => {
  it.each([
    'x',
    '',
    '1',
    'root',
    'WyJpZCIsInJvb3QiXQ==',
    'e30',
    Buffer.from('["id"]').toString('base64url'),
    Buffer.from('["id",1]').toString('base64url'),
    Buffer.from('["id",null]').toString('base64url'),
    Buffer.from('["id",["a"]]').toString('base64url'),
    Buffer.from('["id","a","b"]').toString('base64url'),
    Buffer.from('["name","a","b"]').toString('base64url'),
    'A'.repeat(10_000),
  ])('rejects a cursor that this server has not made with 400: %.40s', async (cursor) => {
    expectProblem(await root.get(`/Client?_after=${cursor}`), 400, ['_after']);
  });

  it('rejects a cursor of another order or together with a page with 400', async () => {
    const first = await root.get('/Resource?_count=1&_sort=name');
    const next = new URL(linkOf(first, 'next')!, library.server.url);
    const cursor = next.searchParams.get('_after');
    expectProblem(await root.get(`/Resource?_count=1&_sort=-name&_after=${cursor}`), 400, ['_after']);
    expectProblem(await root.get(`/Resource?_after=${cursor}`), 400, ['_after']);
    expectProblem(await root.get(`/Resource?_sort=name&_page=2&_after=${cursor}`), 400, ['_after']);
  });

  it.each([
    ['\u{1F600}', 'id'],
    ["' OR 1=1 --", 'id'],
    ['\u0000', 'id'],
    ['\\', 'id'],
    ['zzz', 'id'],
  ])('treats a modified value as a place in the order and never as SQL: %j', async (value, order) => {
    const cursor = Buffer.from(JSON.stringify([order, value])).toString('base64url');
    const answer = await root.get(`/Client?_after=${cursor}`);
    expect([200, 400], answer.text).toContain(answer.status);
    if (answer.status === 200) expect(idsOf(answer).every((id) => id > value)).toBe(true);
    const sessions = await root.get(`/Session?_sort=id&_after=${cursor}`);
    expect([200, 400], sessions.text).toContain(sessions.status);
  });
});

describe('Queries without parameters', () => {
  it('ignores an empty query and stray ampersands', async () => {
    for (const path of ['/Client?', '/Client?&', '/Client?&&_count=50&']) {
      const answer = await root.get(path);
      expect(answer.status, answer.text).toBe(200);
      expect(idsOf(answer)).toEqual(['root']);
    }
  });
});
