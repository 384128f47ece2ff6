import { beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { NATIVE } from '../support/dialects.js';
import { useLibrary } from '../support/library.js';
import { expectProblem, idsOf, linkOf } from './answers.js';
import { aCaller, type Caller, withToken } from './callers.js';

const library = useLibrary();
let root: Admin;
let mine: Caller;
let other: Caller;
let own: string[];
let others: string[];

const sessionsOf = async ({ id }: Caller) => idsOf(await root.get(`/Session?client=${id}`));

beforeAll(async () => {
  root = admin(library.server);
  mine = await aCaller(library.server);
  other = await aCaller(library.server, 'book:*:read');
  for (const _ of [1, 2, 3]) await mine.client.token(NATIVE);
  for (const _ of [1, 2]) await other.client.token(NATIVE);
  own = await sessionsOf(mine);
  others = await sessionsOf(other);
});

describe('A client without any permission', () => {
  it("lists and counts only the client's own sessions, newest first", async () => {
    const answer = await mine.rest.get('/Session');
    expect(answer.status, answer.text).toBe(200);
    expect(idsOf(answer)).toEqual(own);
    expect(answer.body.total).toBe(3);
    expect(idsOf(await mine.rest.get(`/Session?client=${mine.id}`))).toEqual(own);
    expect(idsOf(await mine.rest.get(`/Session?client=Client/${mine.id}&active=true`))).toEqual(own);
  });

  it('finds no sessions of other clients with any query', async () => {
    for (const query of [
      `_id=${others.join(',')}`,
      '_sort=-id',
      'active=true&_count=1000',
      'type=client_credentials',
    ]) {
      const found = idsOf(await mine.rest.get(`/Session?${query}`));
      expect(found.filter((id) => others.includes(id))).toEqual([]);
    }
    const first = await mine.rest.get('/Session?_count=1&_sort=id');
    expect(idsOf(await mine.rest.get(linkOf(first, 'next')!))).toHaveLength(1);
    const cursor = Buffer.from(JSON.stringify(['id', '0'])).toString('base64url');
    const forged = await mine.rest.get(`/Session?_sort=id&_after=${cursor}`);
    expect(idsOf(forged).toSorted()).toEqual(own.toSorted());
  });

  it.each(['client', 'start', '-createdAt', 'end', 'active', 'lastUpdated', 'type'])(
    "rejects the sort order %s, which no index of the client's sessions supports (fault B4)",
    async (sort) => {
      const answer = await mine.rest.get(`/Session?_sort=${sort}`);
      expectProblem(answer, 400, ['_sort']);
      expect(answer.body.errors).toEqual([
        {
          path: '_sort',
          message: 'is not a sort key of Session: use id; other orders require the permission Session:*:read',
        },
      ]);
    },
  );

  it('rejects a query for another client with 403, whether or not it exists', async () => {
    for (const id of [other.id, 'nobody', `Client/${other.id}`, mine.id.toUpperCase(), '', '*']) {
      expectProblem(await mine.rest.get(`/Session?client=${id}`), 403);
    }
    expectProblem(await mine.rest.get(`/Session?client=${mine.id}&client=${other.id}`), 403);
  });

  it("shows the client's own session by id, and hides whether another's exists", async () => {
    expect((await mine.rest.get(`/Session/${own[0]}`)).body).toMatchObject({ id: own[0], active: true });
    const unknown = await mine.rest.get('/Session/01890000-0000-7000-8000-000000000000');
    const foreign = await mine.rest.get(`/Session/${others[0]}`);
    expectProblem(unknown, 403);
    expectProblem(foreign, 403);
    expect(foreign.text).toBe(unknown.text);
    expectProblem(await mine.rest.patch(`/Session/${others[0]}`, { active: false }), 403);
    expectProblem(await mine.rest.delete(`/Session/${others[0]}`), 403);
    expectProblem(await mine.rest.delete(`/Session?client=${other.id}`), 403);
    expect((await root.get(`/Session/${others[0]}`)).body.active).toBe(true);
  });

  it("closes the client's own sessions one by one, by PATCH, and all at once", async () => {
    const caller = await aCaller(library.server);
    for (const _ of [1, 2, 3]) await caller.client.token(NATIVE);
    const [third, second, first] = await sessionsOf(caller);
    expect((await caller.rest.delete(`/Session/${first}`)).status).toBe(204);
    expect((await caller.rest.patch(`/Session/${second}`, { active: false })).status).toBe(200);
    expect(idsOf(await caller.rest.get('/Session?active=true'))).toEqual([third]);
    expect((await caller.rest.delete(`/Session?client=${caller.id}`)).status).toBe(204);
    expect(idsOf(await caller.rest.get('/Session?active=true'))).toEqual([]);
    expect(idsOf(await caller.rest.get('/Session'))).toHaveLength(3);
  });

  it('gives a token without scope the same access', async () => {
    const caller = await aCaller(library.server);
    const rest = withToken(library.server, await caller.client.token(NATIVE));
    const [id] = await sessionsOf(caller);
    expect(idsOf(await rest.get('/Session'))).toEqual([id]);
    expect((await rest.get(`/Session/${id}`)).status).toBe(200);
    expectProblem(await rest.get(`/Session/${others[0]}`), 403);
    expect((await rest.delete(`/Session/${id}`)).status).toBe(204);
    expectProblem(await rest.get('/Session'), 401);
  });
});

describe('Permissions on sessions', () => {
  it("shows the sessions of a permitted client by id, and lists only the caller's own", async () => {
    const caller = await aCaller(library.server, `Session:${other.id}:read`);
    expect((await caller.rest.get(`/Session/${others[0]}`)).status).toBe(200);
    expectProblem(await caller.rest.get(`/Session/${own[0]}`), 403);
    expect(idsOf(await caller.rest.get('/Session'))).toEqual([]);
    expectProblem(await caller.rest.get(`/Session?client=${other.id}`), 403);
    expectProblem(await caller.rest.delete(`/Session/${others[0]}`), 403);
  });

  it('lists all sessions with a permission on all', async () => {
    const caller = await aCaller(library.server, 'Session:*:read');
    const found = idsOf(await caller.rest.get('/Session?_count=1000'));
    expect(found).toEqual(expect.arrayContaining([...own, ...others]));
    expect(idsOf(await caller.rest.get(`/Session?client=${other.id}`))).toEqual(others);
    expectProblem(await caller.rest.get('/Session/01890000-0000-7000-8000-000000000000'), 404);
    expectProblem(await caller.rest.delete(`/Session/${others[0]}`), 403);
  });
});
