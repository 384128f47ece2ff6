import { beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { AUTH0, NATIVE } from '../support/dialects.js';
import { ATLAS, LIBRARY, useLibrary } from '../support/library.js';
import { aClient, type TestClient } from '../support/registration.js';
import { allPages, idsOf } from './answers.js';

const library = useLibrary();
let root: Admin;
let reader: TestClient;
let mapper: TestClient;
/** The ids of the reader's sessions, oldest first. */
let read: string[];
let mapped: string;

const newest = async (client: TestClient): Promise<string> => {
  const [id] = idsOf(await root.get(`/Session?client=${client.id}&_count=1`));
  return id!;
};

beforeAll(async () => {
  root = admin(library.server);
  const { server } = library;
  reader = await aClient(server)
    .withGrant('book:*:*', 'map:*:*')
    .withTokens({ refresh_token: true })
    .register();
  mapper = await aClient(server).withGrant('map:*:*').withTokens({ access_token_expiration: 60 }).register();
  read = [];
  const asked: Record<string, string | string[]>[] = [
    { audience: LIBRARY, scope: 'book:1:read' },
    { resource: [LIBRARY, ATLAS], scope: 'book:2:read map:1:zoom' },
    {},
  ];
  for (const fields of asked) {
    await reader.token(NATIVE, fields);
    read.push(await newest(reader));
  }
  await mapper.ask(AUTH0, { audience: ATLAS, scope: 'map:1:zoom' }, { 'user-agent': 'map-reader/2.1' });
  mapped = await newest(mapper);
  await root.delete(`/Session/${read[0]}`);
});

const found = async (query: string) => {
  const answer = await root.get(query);
  expect(answer.status, answer.text).toBe(200);
  return idsOf(answer);
};

describe('Sessions in the API', () => {
  it('shows a session with everything but its token', async () => {
    const { body, headers } = await root.get(`/Session/${mapped}`);
    const second = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(body).toEqual({
      resourceType: 'Session',
      id: mapped,
      meta: { versionId: '1', createdAt: second, lastUpdated: second },
      client: { resourceType: 'Client', id: mapper.id },
      type: 'client_credentials',
      active: true,
      scope: ['map:1:zoom'],
      audience: [ATLAS],
      token_format: 'jwt',
      address: '127.0.0.1',
      user_agent: 'map-reader/2.1',
      start: second,
      end: second,
    });
    expect(headers.get('etag')).toBe('"1"');
    expect(Date.parse(body.end) - Date.parse(body.start)).toBeGreaterThan(58_000);
    expect(Date.parse(body.end) - Date.parse(body.start)).toBeLessThanOrEqual(60_000);
  });

  it('shows no scope if none was requested, and a UUIDv7 as id', async () => {
    const { body } = await root.get(`/Session/${read[2]}`);
    expect(body).not.toHaveProperty('scope');
    expect(body.audience).toEqual([library.own]);
    expect(body.token_format).toBe('opaque');
    for (const id of read)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('shows a closed session as such, with a second version', async () => {
    const { body, headers } = await root.get(`/Session/${read[0]}`);
    expect(body).toMatchObject({ active: false, meta: { versionId: '2' } });
    expect(headers.get('etag')).toBe('"2"');
  });
});

describe('Search of sessions', () => {
  it('lists sessions newest first', async () => {
    expect(await found(`/Session?client=${reader.id}`)).toEqual(read.toReversed());
    const all = await found('/Session?_count=1000');
    expect(all).toEqual([...all].sort().toReversed());
  });

  it('finds sessions by client, given as an id or a reference', async () => {
    expect(await found(`/Session?client=${mapper.id}`)).toEqual([mapped]);
    expect(await found(`/Session?client=Client/${mapper.id}`)).toEqual([mapped]);
    expect(await found(`/Session?client=${mapper.id.toUpperCase()}`)).toEqual([]);
  });

  it('finds sessions by whether they are live', async () => {
    expect(await found(`/Session?client=${reader.id}&active=true`)).toEqual([read[2], read[1]]);
    expect(await found(`/Session?client=${reader.id}&active=false`)).toEqual([read[0]]);
  });

  it('finds sessions by any of their audiences, exactly', async () => {
    expect((await found(`/Session?audience=${ATLAS}`)).sort()).toEqual([read[1], mapped].sort());
    expect(await found(`/Session?audience=${LIBRARY}`)).toEqual([read[1], read[0]]);
    expect(await found(`/Session?audience=${encodeURIComponent(library.own)}`)).toContain(read[2]);
    expect(await found('/Session?audience=urn:lib')).toEqual([]);
    expect(await found('/Session?audience=library')).toEqual([]);
    expect(await found('/Session?audience=%22')).toEqual([]);
  });

  it('finds sessions by type', async () => {
    expect(await found(`/Session?type=client_credentials&client=${reader.id}`)).toHaveLength(3);
    expect(await found(`/Session?type=refresh_token&client=${reader.id}`)).toEqual([]);
  });

  it('finds sessions by start and end', async () => {
    const { body } = await root.get(`/Session/${read[1]}`);
    expect(await found(`/Session?client=${reader.id}&start=${body.start}`)).toContain(read[1]);
    expect(await found(`/Session?client=${reader.id}&start=gt${body.start}`)).not.toContain(read[1]);
    expect(await found(`/Session?client=${reader.id}&end=${body.end}`)).toContain(read[1]);
    expect(await found(`/Session?client=${reader.id}&end=lt${body.end}`)).not.toContain(read[1]);
    expect(await found(`/Session?start=ge${body.start}&start=le${body.start}`)).toContain(read[1]);
    expect(await found('/Session?end=lt2000')).toEqual([]);
  });

  it('finds sessions by last change', async () => {
    const closed = (await root.get(`/Session/${read[0]}`)).body.meta.lastUpdated;
    expect(await found(`/Session?_lastUpdated=${closed}`)).toContain(read[0]);
    expect(await found(`/Session?_lastUpdated=lt${closed}`)).not.toContain(read[0]);
  });

  it.each([
    'id',
    '-id',
    'createdAt',
    '-lastUpdated',
    'client',
    '-active',
    'type',
    'start',
    '-end',
    'active,-client,start',
  ])('lists sessions page by page, sorted by %s', async (sort) => {
    const whole = await found(`/Session?_sort=${sort}`);
    const pages = await allPages(root.get, `/Session?_sort=${sort}&_count=1`);
    expect(pages.flatMap(idsOf)).toEqual(whole);
    expect(whole).toHaveLength(4);
  });

  it('returns the requested members of sessions', async () => {
    const { body } = await root.get(`/Session?_id=${mapped}&_elements=scope,client`);
    expect(body.entry).toEqual([
      {
        resource: {
          resourceType: 'Session',
          id: mapped,
          client: { resourceType: 'Client', id: mapper.id },
          scope: ['map:1:zoom'],
        },
      },
    ]);
  });
});
