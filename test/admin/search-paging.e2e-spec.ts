import { beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { useLibrary } from '../support/library.js';
import { register } from '../support/registration.js';
import { allPages, expectProblem, idsOf, linkOf } from './answers.js';

const library = useLibrary();
let root: Admin;

/** Names repeat, so that the id has to break the tie; some clients have none. */
const NAMES = ['beta', 'Alpha', undefined, 'beta', 'ALPHA ', 'ζ', 'Émile', '\u{1F600}', 'beta!', ''];
const CLIENTS = NAMES.map((name, position) => ({
  id: `${position % 2 ? 'Page' : 'page'}-${position}`,
  name,
  active: position % 3 > 0,
}));

beforeAll(async () => {
  root = admin(library.server);
  for (const { id, name, active } of CLIENTS) {
    await register(library.server, 'Client', id, name === undefined ? { active } : { name, active });
  }
});

const list = async (path: string) => {
  const answer = await root.get(path);
  expect(answer.status, answer.text).toBe(200);
  return answer;
};
const all = `_id=${CLIENTS.map(({ id }) => id).join(',')}`;
const idsInOrder = [...CLIENTS.map(({ id }) => id)].sort();

describe('Sort order of lists', () => {
  it('sorts by id, case-sensitively, by default and for _id (fault E9)', async () => {
    expect(idsOf(await list(`/Client?${all}`))).toEqual(idsInOrder);
    expect(idsOf(await list(`/Client?${all}&_sort=-id`))).toEqual(idsInOrder.toReversed());
    // FHIR's name of it.
    expect(idsOf(await list(`/Client?${all}&_sort=-_id`))).toEqual(idsInOrder.toReversed());
  });

  it('sorts by name without regard to case, then by id', async () => {
    const names = (await list(`/Client?${all}&_sort=name`)).body.entry.map(
      ({ resource }: { resource: { name?: string } }) => (resource.name ?? '').trim().toLowerCase(),
    );
    expect(names).toEqual(['', '', 'alpha', 'alpha', 'beta', 'beta', 'beta!', 'émile', 'ζ', '\u{1F600}']); // prettier-ignore
  });

  it('sorts by several keys, each in its direction', async () => {
    const expected = [...CLIENTS]
      .sort((a, b) => Number(b.active) - Number(a.active) || (a.id < b.id ? -1 : 1))
      .map(({ id }) => id);
    expect(idsOf(await list(`/Client?${all}&_sort=-active,id`))).toEqual(expected);
    expect(idsOf(await list(`/Client?${all}&_sort=-active`))).toEqual(expected);
  });

  it('sorts by the time of creation or of the last change', async () => {
    expect(idsOf(await list(`/Client?${all}&_sort=createdAt`)).at(0)).toBe(CLIENTS[0]?.id);
    await root.patch('/Client/page-4', { grant_types: ['basic'] });
    expect(idsOf(await list(`/Client?${all}&_sort=-lastUpdated`))[0]).toBe('page-4');
    expect(idsOf(await list(`/Client?${all}&_sort=-_lastUpdated`))[0]).toBe('page-4');
    expect(idsOf(await list(`/Client?${all}&_sort=lastUpdated`)).at(-1)).toBe('page-4');
    expect(idsOf(await list(`/Client?${all}&_sort=-createdAt`)).at(-1)).not.toBe('page-4');
  });

  it.each([
    ['Resource', 'name'],
    ['Resource', 'audience'],
    ['AccessPolicy', 'engine'],
  ])('accepts for /%s the sort keys %s', async (type, key) => {
    const forwards = await list(`/${type}?_sort=${key},id`);
    const backwards = await list(`/${type}?_sort=-${key},-id`);
    expect(idsOf(backwards)).toEqual(idsOf(forwards).toReversed());
  });
});

describe('Pages of lists', () => {
  it.each([
    ['id', 1],
    ['-id', 3],
    ['name', 1],
    ['name', 4],
    ['-name', 2],
    ['active,-name', 3],
    ['-active,name,-id', 1],
    ['-lastUpdated', 2],
    ['createdAt,name', 3],
  ])('returns the same rows sorted by %s at %i a page as on one page', async (sort, count) => {
    const whole = idsOf(await list(`/Client?${all}&_sort=${sort}`));
    const pages = await allPages(root.get, `/Client?${all}&_sort=${sort}&_count=${count}`);
    expect(pages.flatMap(idsOf)).toEqual(whole);
    expect(pages.map((page) => page.body.total)).toEqual(pages.map(() => CLIENTS.length));
    expect(pages.slice(0, -1).every((page) => idsOf(page).length === count)).toBe(true);
  });

  it('returns numbered pages, each with links to the others', async () => {
    const second = await list(`/Client?${all}&_count=4&_page=2`);
    expect(idsOf(second)).toEqual(idsInOrder.slice(4, 8));
    expect(idsOf(await list(linkOf(second, 'previous')!))).toEqual(idsInOrder.slice(0, 4));
    expect(idsOf(await list(linkOf(second, 'first')!))).toEqual(idsInOrder.slice(0, 4));
    expect(idsOf(await list(linkOf(second, 'self')!))).toEqual(idsInOrder.slice(4, 8));
    expect(idsOf(await list(linkOf(second, 'next')!))).toEqual(idsInOrder.slice(8));
    const beyond = await list(`/Client?${all}&_count=4&_page=4`);
    expect(beyond.body).toMatchObject({ total: CLIENTS.length, entry: [] });
    expect(linkOf(beyond, 'next')).toBeUndefined();
    expect(linkOf(await list(`/Client?${all}`), 'next')).toBeUndefined();
    expect(linkOf(await list(`/Client?${all}`), 'previous')).toBeUndefined();
  });

  it('keeps the search parameters in the links', async () => {
    const query = `${all}&_count=2&_sort=-name&_elements=name&_total=none&active=true`;
    const pages = await allPages(root.get, `/Client?${query}`);
    expect(pages.length).toBe(3);
    for (const { body } of pages) {
      expect(body).not.toHaveProperty('total');
      for (const { resource } of body.entry) expect(resource).not.toHaveProperty('active');
    }
  });

  it('neither repeats nor skips rows that are inserted or deleted meanwhile', async () => {
    const before = idsOf(await list('/Client?_sort=id&_count=1000'));
    const seen: string[] = [];
    let next: string | undefined = '/Client?_sort=id&_count=3';
    for (let turn = 0; next !== undefined; turn++) {
      const page = await list(next);
      seen.push(...idsOf(page));
      next = linkOf(page, 'next');
      // One row in front of everything read so far, one behind everything: the second is part of the list to come.
      await root.put(`/Client/0-front-${turn}`, {});
      if (turn < 3) await root.put(`/Client/zz-behind-${turn}`, {});
      if (turn > 0) await root.delete(`/Client/0-front-${turn - 1}`);
    }
    expect(seen).toEqual([...before, 'zz-behind-0', 'zz-behind-1', 'zz-behind-2']);
  });

  it('continues after a row that was deleted after its page was read', async () => {
    for (const id of ['gone-1', 'gone-2', 'gone-3', 'gone-4'])
      await root.put(`/Client/${id}`, { name: 'gone' });
    const first = await list('/Client?name=gone&_count=2&_sort=-id');
    await root.delete('/Client/gone-3');
    await root.delete('/Client/gone-4');
    expect(idsOf(await list(linkOf(first, 'next')!))).toEqual(['gone-2', 'gone-1']);
  });

  it('returns 50 rows by default and at most 1,000', async () => {
    for (let n = 0; n < 60; n++) await root.put(`/Resource/many-${n}`, { name: 'many' });
    const first = await list('/Resource?name=many');
    expect(first.body.total).toBe(60);
    expect(idsOf(first)).toHaveLength(50);
    expect(idsOf(await list(linkOf(first, 'next')!))).toHaveLength(10);
    expect(idsOf(await list('/Resource?name=many&_count=1000'))).toHaveLength(60);
    expectProblem(await root.get('/Resource?name=many&_count=1001'), 400, ['_count']);
  });
});

describe('Members in lists', () => {
  it('returns the members in _elements, with type and id', async () => {
    const { body } = await list('/Client?_id=page-6&_elements=name,meta');
    expect(body.entry).toEqual([
      { resource: { resourceType: 'Client', id: 'page-6', meta: expect.any(Object), name: 'Émile' } },
    ]);
    const bare = await list('/AccessPolicy?_id=root&_elements=id');
    expect(bare.body.entry).toEqual([{ resource: { resourceType: 'AccessPolicy', id: 'root' } }]);
  });

  it('returns all members by default, as for a single resource', async () => {
    const { body } = await list('/Client?_id=page-6');
    expect(body.entry).toEqual([{ resource: (await root.get('/Client/page-6')).body }]);
  });

  it.each(['accurate', 'none'])('returns the total for _total=%s', async (total) => {
    const { body } = await list(`/Client?${all}&_total=${total}`);
    expect(body.total).toBe(total === 'none' ? undefined : CLIENTS.length);
  });
});
