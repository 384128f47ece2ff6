import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem, idsOf } from '../../admin/answers.js';
import { allow, linkTo } from '../../admin/callers.js';
import { type Admin, admin } from '../../support/admin.js';
import { NATIVE } from '../../support/dialects.js';
import { useLibrary } from '../../support/library.js';
import { aClient } from '../../support/registration.js';

const library = useLibrary();
let root: Admin;

let written = 0;

/** Members that are new each time: a write that changes nothing makes no version. */
const named = () => ({ name: `version ${++written}` });
const ruled = () => ({
  engine: 'rules',
  link: linkTo('root'),
  rules: [allow('book', String(++written), 'read')],
});

const TYPES = [
  ['Client', named],
  ['Resource', named],
  ['AccessPolicy', ruled],
] as const;

beforeAll(() => {
  root = admin(library.server);
});

describe.each(TYPES)('A /%s that was read at one version', (type, members) => {
  const path = (id: string) => `/${type}/${id}`;
  const versionOf = async (id: string) => (await root.get(path(id))).body.meta.versionId;

  it('reports the version in ETag and meta, incremented with each write', async () => {
    expect((await root.put(path('v'), members())).headers.get('etag')).toBe('"1"');
    expect((await root.put(path('v'), members())).headers.get('etag')).toBe('"2"');
    expect((await root.patch(path('v'), members())).headers.get('etag')).toBe('"3"');
    expect((await root.get(path('v'))).headers.get('etag')).toBe('"3"');
    expect(await versionOf('v')).toBe('3');
  });

  it.each(['"2"', 'W/"2"', '"1", "2"', '*', ' "2" ', 'W/"9",W/"2"'])(
    'accepts a write with If-Match: %s',
    async (tag) => {
      await root.delete(path('m'));
      await root.put(path('m'), members());
      await root.put(path('m'), members());
      expect((await root.put(path('m'), members(), { 'if-match': tag })).status).toBe(200);
    },
  );

  it.each(['"1"', 'W/"1"', '"3"', '"02"', '2', '""', '"', 'x', '"2', 'w/"2"', '"1", "3"', "'2'"])(
    'rejects another If-Match with 412 and changes nothing: %s',
    async (tag) => {
      await root.delete(path('s'));
      await root.put(path('s'), members());
      await root.put(path('s'), members());
      expectProblem(await root.put(path('s'), members(), { 'if-match': tag }), 412);
      expectProblem(await root.patch(path('s'), members(), { 'if-match': tag }), 412);
      expectProblem(await root.delete(path('s'), { 'if-match': tag }), 412);
      expectProblem(await root.get(path('s'), { 'if-match': tag }), 412);
      expect(await versionOf('s')).toBe('2');
    },
  );

  it.each(['2', 'x', "'2'", '"2', 'w/"2"', '2, "1"'])(
    'says that an If-Match without double quotes is malformed: %s (fault C9)',
    async (tag) => {
      await root.put(path('malformed'), members());
      const headers = { 'if-match': tag };
      for (const answer of [
        await root.get(path('malformed'), headers),
        await root.put(path('malformed'), members(), headers),
        await root.patch(path('malformed'), members(), headers),
        await root.delete(path('malformed'), headers),
      ]) {
        expectProblem(answer, 412);
        expect(answer.body.detail).toMatch(/^If-Match is malformed: .*"3"/);
      }
    },
  );

  it('accepts a patch and a deletion with the current version', async () => {
    await root.put(path('d'), members());
    expect((await root.patch(path('d'), members(), { 'if-match': '"1"' })).status).toBe(200);
    expect((await root.delete(path('d'), { 'if-match': 'W/"2"' })).status).toBe(204);
    expect((await root.get(path('d'))).status).toBe(404);
  });

  it('rejects a creation with If-Match, and a replacement with If-None-Match: *', async () => {
    expectProblem(await root.put(path('n'), members(), { 'if-match': '"1"' }), 412);
    expectProblem(await root.put(path('n'), members(), { 'if-match': '*' }), 412);
    expect((await root.get(path('n'))).status).toBe(404);
    expect((await root.put(path('n'), members(), { 'if-none-match': '*' })).status).toBe(201);
    expectProblem(await root.put(path('n'), members(), { 'if-none-match': '*' }), 412);
    expectProblem(await root.put(path('n'), members(), { 'if-none-match': '"1"' }), 412);
    expect((await root.put(path('n'), members(), { 'if-none-match': '"7"' })).status).toBe(200);
  });

  it('lets one of many concurrent writers succeed, so that no update is lost (A15, RFC 9110 13)', async () => {
    await root.put(path('race'), members());
    const writes = Array.from({ length: 20 }, () => root.put(path('race'), members(), { 'if-match': '"1"' }));
    const statuses = (await Promise.all(writes)).map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array(19).fill(412)]);
    expect(await versionOf('race')).toBe('2');
  });

  it('increments the version once for each of many concurrent writes', async () => {
    await root.put(path('count'), members());
    await Promise.all(Array.from({ length: 20 }, () => root.patch(path('count'), members())));
    expect(await versionOf('count')).toBe('21');
  });
});

describe('A session', () => {
  it('closes a session only at the version in If-Match', async () => {
    const client = await aClient(library.server).register();
    await client.token(NATIVE);
    const [id] = idsOf(await root.get(`/Session?client=${client.id}`));
    expectProblem(await root.patch(`/Session/${id}`, { active: false }, { 'if-match': '"2"' }), 412);
    expectProblem(await root.delete(`/Session/${id}`, { 'if-match': '"7"' }), 412);
    expect((await root.get(`/Session/${id}`)).body.active).toBe(true);
    const closed = await root.patch(`/Session/${id}`, { active: false }, { 'if-match': '"1"' });
    expect(closed.status, closed.text).toBe(200);
    expect(closed.headers.get('etag')).toBe('"2"');
    expectProblem(await root.delete(`/Session/${id}`, { 'if-match': '"1"' }), 412);
  });
});
