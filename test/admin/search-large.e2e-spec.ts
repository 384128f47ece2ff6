import { beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { useLibrary } from '../support/library.js';
import { allPages, idsOf, linkOf } from './answers.js';
import { insertTenThousandResources } from './bulk.js';

const library = useLibrary();
let root: Admin;

beforeAll(async () => {
  root = admin(library.server);
  await insertTenThousandResources(library.server);
});

describe('A list of more than 10,000', () => {
  it('counts exactly up to 10,000 and omits the total beyond', async () => {
    expect((await root.get('/Resource?name=bulk&_count=1')).body.total).toBe(10_000);
    await root.put('/Resource/one-more', { name: 'Bulk' });
    const beyond = await root.get('/Resource?name=bulk&_count=1');
    expect(beyond.body).not.toHaveProperty('total');
    expect(linkOf(beyond, 'next')).toBeDefined();
    expect((await root.get('/Resource')).body).not.toHaveProperty('total');
    await root.delete('/Resource/one-more');
    expect((await root.get('/Resource?name=bulk&_count=1')).body.total).toBe(10_000);
  });

  it.each(['id', '-name', 'lastUpdated'])('returns every row at 1,000 a page, sorted by %s', async (sort) => {
    const pages = await allPages(
      root.get,
      `/Resource?name=bulk&_count=1000&_total=none&_elements=id&_sort=${sort}`,
    );
    const ids = pages.flatMap(idsOf);
    expect(pages).toHaveLength(10);
    expect(new Set(ids).size).toBe(10_000);
    // Equal in all that was asked for, they follow by id.
    expect(ids).toEqual(ids.toSorted());
  });

  it('returns the last numbered page', async () => {
    expect(idsOf(await root.get('/Resource?name=bulk&_count=1&_page=10000'))).toEqual(['bulk-19999']);
    expect(idsOf(await root.get('/Resource?name=bulk&_count=1000&_page=11'))).toEqual([]);
    expect(idsOf(await root.get('/Resource?_count=1000&_page=999999999'))).toEqual([]);
  });
});
