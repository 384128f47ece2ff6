import { beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { basic } from '../support/http.js';
import { useLibrary } from '../support/library.js';
import { expectProblem } from './answers.js';
import { aCaller, allow, linkTo } from './callers.js';

const SECRET = 'a-secret-beyond-any-guess-71';

const library = useLibrary();
let root: Admin;

beforeAll(() => {
  root = admin(library.server);
});

const entry = (method: string, url: string, resource?: object, more: object = {}) => ({
  ...(resource === undefined ? {} : { resource }),
  request: { method, url, ...more },
});

const put = (type: string, id: string, resource: object) => entry('PUT', `${type}/${id}`, resource);

const bundle = (...entries: object[]) => ({ resourceType: 'Bundle', type: 'transaction', entry: entries });

const send = (...entries: object[]) => root.post('/', bundle(...entries));

/** A client, its resource and its policy, the references first. */
const trio = (name: string) => [
  put('AccessPolicy', name, {
    engine: 'rules',
    link: linkTo(name),
    rules: [allow(`${name}-api`, '*', 'read')],
  }),
  put('Resource', `${name}-api`, { audience: `urn:${name}`, operations: [{ name: 'read' }] }),
  put('Client', name, { secret: SECRET, grant_types: ['client_credentials'] }),
];

const eventsOf = async (id: string) =>
  (await root.get(`/AuditEvent?client=${id}`)).body.entry.map(
    ({ resource }: { resource: { action: string } }) => resource.action,
  );

describe('POST / with a transaction Bundle', () => {
  it('writes documents that refer to each other, in any order', async () => {
    const { status, body } = await send(...trio('together'));
    expect(status).toBe(200);
    const meta = expect.objectContaining({ versionId: '1' });
    const created = (location: string) => ({ status: '201', outcome: 'created', location, etag: '"1"' });
    expect(body).toEqual({
      resourceType: 'Bundle',
      type: 'transaction-response',
      entry: [
        {
          resource: expect.objectContaining({ resourceType: 'AccessPolicy', id: 'together', meta }),
          response: created('/AccessPolicy/together'),
        },
        {
          resource: expect.objectContaining({ resourceType: 'Resource', id: 'together-api', meta }),
          response: created('/Resource/together-api'),
        },
        {
          resource: expect.objectContaining({ resourceType: 'Client', id: 'together', meta }),
          response: created('/Client/together'),
        },
      ],
    });
    const answer = await fetch(`${library.server.url}/auth/token`, {
      method: 'POST',
      headers: { ...basic('together', SECRET), 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials&audience=urn:together',
    });
    expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ scope: 'read' })]);
  });

  it('creates no version and no event when it is repeated', async () => {
    await send(...trio('repeated'));
    const before = await eventsOf('repeated');
    const { body } = await send(...trio('repeated'));
    expect(body.entry.map(({ response }: { response: object }) => response)).toEqual(
      ['/AccessPolicy/repeated', '/Resource/repeated-api', '/Client/repeated'].map((location) => ({
        status: '200',
        outcome: 'unchanged',
        location,
        etag: '"1"',
      })),
    );
    expect(await eventsOf('repeated')).toEqual(before);
  });

  it('writes nothing when one entry is invalid, and names it', async () => {
    const answer = await send(...trio('invalid'), put('Client', 'invalid-2', { active: 'yes' }));
    expectProblem(answer, 422, ['entry[3].resource.active']);
    expect(answer.body.entry).toBe(3);
    for (const path of ['/Client/invalid', '/Resource/invalid-api', '/AccessPolicy/invalid']) {
      expect((await root.get(path)).status).toBe(404);
    }
  });

  it('writes nothing when a condition fails', async () => {
    await send(...trio('stale'));
    const stale = entry('PATCH', 'Client/stale', { name: 'Late' }, { ifMatch: '"7"' });
    const answer = await send(put('Client', 'stale-2', { secret: SECRET }), stale);
    expectProblem(answer, 412);
    expect(answer.body.detail).toMatch(/^entry\[1\] \(PATCH Client\/stale\): /);
    expect((await root.get('/Client/stale-2')).status).toBe(404);
    const taken = entry('PUT', 'Client/stale', { name: 'New' }, { ifNoneMatch: '*' });
    expectProblem(await send(taken), 412);
  });

  it('patches, generates ids and secrets, and deletes what the other entries no longer need', async () => {
    await send(...trio('mixed'));
    const { body } = await send(
      entry('DELETE', 'Resource/mixed-api'),
      entry('DELETE', 'AccessPolicy/mixed'),
      entry('PATCH', 'Client/mixed', { name: 'Mixed' }),
      entry('POST', 'Client', { grant_types: ['client_credentials'] }),
      entry('DELETE', 'Client/never-was'),
    );
    const [resource, policy, patched, made, never] = body.entry;
    expect(resource).toEqual({
      response: { status: '204', outcome: 'deleted', location: '/Resource/mixed-api' },
    });
    expect(policy.response.outcome).toBe('deleted');
    expect([patched.resource.name, patched.response]).toEqual([
      'Mixed',
      { status: '200', outcome: 'changed', location: '/Client/mixed', etag: '"2"' },
    ]);
    expect(made.resource.secret.length).toBeGreaterThan(20);
    expect(never.response).toEqual({
      status: '204',
      outcome: 'unchanged',
      location: '/Client/never-was',
    });
    expect(await eventsOf('mixed')).toContain('client.update');
  });

  it('reports what a deletion deletes with it', async () => {
    await send(...trio('cascade'));
    const { body } = await send(entry('DELETE', 'Client/cascade'));
    expect(body.entry[0].response.deleted).toEqual([{ resourceType: 'AccessPolicy', id: 'cascade' }]);
  });

  it('is judged and rolled back in a dry run, and shows no secret', async () => {
    const { body } = await root.post(
      '/?_dryRun=true',
      bundle(...trio('tried'), entry('POST', 'Client', { id: 'tried-2' })),
    );
    expect(body.dry_run).toBe(true);
    const outcomes = body.entry.map(({ response }: { response: { outcome: string } }) => response.outcome);
    expect(outcomes).toEqual(['created', 'created', 'created', 'created']);
    expect(body.entry[3].resource).not.toHaveProperty('secret');
    expect((await root.get('/Client/tried')).status).toBe(404);
    expect(await eventsOf('tried')).toEqual([]);
    expectProblem(await root.post('/?_dryRun=true', bundle(put('Client', 'tried', { nope: 1 }))), 422, [
      'entry[0].resource.nope',
    ]);
    expectProblem(await root.post('/?_dryrun=true', bundle(...trio('tried'))), 400, ['_dryrun']);
  });

  it('accepts YAML', async () => {
    const text = `type: transaction
entry:
  - resource: {name: From YAML}
    request: {method: PUT, url: /Client/from-yaml}
`;
    const answer = await fetch(library.server.url, {
      method: 'POST',
      headers: { ...basic(library.server.adminId, library.server.adminSecret), 'content-type': 'text/yaml' },
      body: text,
    });
    expect(answer.status).toBe(200);
    expect((await root.get('/Client/from-yaml')).body.name).toBe('From YAML');
  });
});

describe('The entries of a Bundle', () => {
  it.each<[string, object, string[]]>([
    ['another type of Bundle', { type: 'batch', entry: [put('Client', 'a', {})] }, ['type']],
    ['no entry', { type: 'transaction', entry: [] }, ['entry']],
    ['an unknown member', { ...bundle(put('Client', 'a', {})), total: 1 }, ['total']],
    ['a full URL', bundle({ ...put('Client', 'a', {}), fullUrl: 'urn:uuid:1' }), ['entry[0].fullUrl']],
    ['a method that is not a write', bundle(entry('GET', 'Client/a')), ['entry[0].request.method']],
    ['a type that is not written', bundle(entry('DELETE', 'Session/a')), ['entry[0].request.url']],
    ['a query', bundle(entry('DELETE', 'Client?name=a')), ['entry[0].request.url']],
    ['an address without an id', bundle(entry('PUT', 'Client', {})), ['entry[0].request.url']],
    ['an invalid id', bundle(entry('PUT', 'Client/a b', {})), ['entry[0].request.url']],
    ['an id in the address of a POST', bundle(entry('POST', 'Client/a', {})), ['entry[0].request.url']],
    ['no document', bundle(entry('PUT', 'Client/a')), ['entry[0].resource']],
    ['a document of a deletion', bundle(entry('DELETE', 'Client/a', {})), ['entry[0].resource']],
    [
      'one document twice',
      bundle(put('Client', 'a', {}), entry('POST', 'Client', { id: 'a' })),
      ['entry[1].request.url'],
    ],
    [
      'another document than the address names',
      bundle(put('Client', 'a', { id: 'b' })),
      ['entry[0].resource.id'],
    ],
    ['conditions of a POST', bundle(entry('POST', 'Client', {}, { ifMatch: '*' })), ['entry[0].request']],
    [
      'more entries than one write takes',
      bundle(...Array.from({ length: 2001 }, (_, at) => put('Client', `c${at}`, {}))),
      ['entry'],
    ],
  ])('are rejected with %s', async (_, body, paths) => {
    expectProblem(await root.post('/', body), 422, paths);
    expect((await root.get('/Client/a')).status).toBe(404);
  });

  it('are each judged by what the caller holds at that point (fault A1)', async () => {
    const caller = await aCaller(library.server, 'Client:mine:*', 'AccessPolicy:*:*');
    const policy = { engine: 'rules', link: linkTo('mine'), rules: [allow('book', '*', 'read')] };
    const given = bundle(put('Client', 'mine', { secret: SECRET }), put('AccessPolicy', 'mine', policy));
    const refused = await caller.rest.post('/', given);
    expectProblem(refused, 403);
    expect(refused.body.detail).toMatch(/^entry\[1\] \(PUT AccessPolicy\/mine\): /);
    expect((await root.get('/Client/mine')).status).toBe(404);
    const other = await caller.rest.post('/', bundle(put('Client', 'mine', {}), put('Client', 'theirs', {})));
    expectProblem(other, 403);
    expect(other.headers.get('www-authenticate')).toContain('scope="Client:theirs:update"');
  });

  it('need a permission before the body is parsed', async () => {
    const reader = await aCaller(library.server, 'book:*:read');
    expectProblem(await reader.rest.post('/', { type: 'batch' }), 403);
    expectProblem(await admin(library.server, {}).post('/', bundle()), 401);
  });

  it('show a caller without read only the heads of its documents', async () => {
    const writer = await aCaller(library.server, 'Client:blind:create,update');
    const { body } = await writer.rest.post('/', bundle(put('Client', 'blind', { name: 'Hidden' })));
    expect(Object.keys(body.entry[0].resource)).toEqual(['resourceType', 'id', 'meta']);
  });
});
