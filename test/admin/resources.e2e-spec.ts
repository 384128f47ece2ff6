import { beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { useLibrary } from '../support/library.js';
import { register } from '../support/registration.js';
import { expectProblem } from './answers.js';
import { linkTo } from './callers.js';

const library = useLibrary();
let root: Admin;

beforeAll(async () => {
  root = admin(library.server);
  await register(library.server, 'Client', 'library-api', {});
  await register(library.server, 'Client', 'other-api', {});
});

const moment = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const head = (id: string, versionId = '1') => ({
  resourceType: 'Resource',
  id,
  meta: { versionId, createdAt: moment, lastUpdated: moment },
});

const BOOKS = {
  name: 'Books',
  audience: 'urn:books',
  operations: [{ name: 'read', description: 'reading books' }, { name: 'geocode:location' }],
  introspection_clients: linkTo('library-api'),
  token: { access_token_expiration: 3600, signing_alg: 'RS256', profile: 'rfc9068' },
};

describe('A Resource', () => {
  it('creates a resource with exactly the given members', async () => {
    const made = await root.put('/Resource/books', BOOKS);
    expect(made.status, made.text).toBe(201);
    expect(made.body).toEqual({ ...head('books'), ...BOOKS });
    expect(made.headers.get('etag')).toBe('"1"');
    expect(made.headers.get('location')).toBe('/Resource/books');
    expect((await root.get('/Resource/books')).body).toEqual(made.body);
  });

  it('generates an id for a resource created by POST without one', async () => {
    const named = await root.post('/Resource', { id: 'posted', name: 'Posted' });
    expect(named.status, named.text).toBe(201);
    expect(named.body).toEqual({ ...head('posted'), name: 'Posted', operations: [] });
    const unnamed = await root.post('/Resource', { operations: [{ name: 'read' }] });
    expect(unnamed.body.id).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);
    expect(unnamed.headers.get('location')).toBe(`/Resource/${unnamed.body.id}`);
    expectProblem(await root.post('/Resource', { id: 'posted' }), 409);
  });

  it('replaces a resource as a whole, resetting omitted members', async () => {
    await root.put('/Resource/replaced', { ...BOOKS, audience: 'urn:replaced' });
    const after = await root.put('/Resource/replaced', { operations: [{ name: 'write' }] });
    expect(after.status, after.text).toBe(200);
    expect(after.body).toEqual({ ...head('replaced', '2'), operations: [{ name: 'write' }] });
  });

  it('patches a resource by member', async () => {
    await root.put('/Resource/patched', { ...BOOKS, audience: 'urn:patched' });
    const patch = {
      audience: null,
      token: { profile: null, signing_alg: 'ES256' },
      introspection_clients: null,
    };
    const after = await root.patch('/Resource/patched', patch);
    expect(after.status, after.text).toBe(200);
    expect(after.body).toEqual({
      ...head('patched', '2'),
      name: 'Books',
      operations: BOOKS.operations,
      token: { access_token_expiration: 3600, signing_alg: 'ES256' },
    });
  });

  it('deletes a resource with 204, and again with 204', async () => {
    await root.put('/Resource/deleted', {});
    for (const _ of [1, 2]) expect((await root.delete('/Resource/deleted')).status).toBe(204);
    expectProblem(await root.get('/Resource/deleted'), 404);
  });

  it('accepts references to clients in both forms, and shows one form', async () => {
    const introspection_clients = [
      { reference: 'Client/library-api' },
      ...linkTo('other-api', 'library-api'),
    ];
    const { body } = await root.put('/Resource/referring', { introspection_clients });
    expect(body.introspection_clients).toEqual(linkTo('library-api', 'other-api'));
  });

  it('lets resources share an audience but not an id', async () => {
    expect((await root.put('/Resource/shared-1', { audience: 'urn:shared' })).status).toBe(201);
    expect((await root.put('/Resource/shared-2', { audience: 'urn:shared' })).status).toBe(201);
    expect((await root.get('/Resource?audience=urn:shared')).body.total).toBe(2);
  });

  it.each(['read', 'READ', 'a', 'x'.repeat(256), 'a:b', '-', 'https://x/y?z', "';--", '~!#$%&()'])(
    'accepts any scope token without * as an operation: %.40s',
    async (name) => {
      const { status, body, text } = await root.put('/Resource/named', { operations: [{ name }] });
      expect(status, text).toBeLessThan(202);
      expect(body.operations).toEqual([{ name }]);
    },
  );

  it.each(['*', 'a*b', '', ' ', 'a b', 'é', '"', '\\', 'x'.repeat(257), 7, null, ['read'], undefined])(
    'rejects the operation %j',
    async (name) => {
      const answer = await root.put('/Resource/unnamed', { operations: [{ name: 'read' }, { name }] });
      expectProblem(answer, 422, ['operations[1].name']);
    },
  );

  it('rejects a repeated operation, but accepts names that differ in case', async () => {
    const twice = [{ name: 'read' }, { name: 'write' }, { name: 'read' }];
    expectProblem(await root.put('/Resource/twice', { operations: twice }), 422, ['operations[2].name']);
    const cases = [{ name: 'read' }, { name: 'READ' }];
    expect((await root.put('/Resource/twice', { operations: cases })).body.operations).toEqual(cases);
  });

  it.each(['urn:x', 'https://api.example.com/', 'a', 'x'.repeat(255), "urn:'x'", '//iam.example/pools/a'])(
    'accepts the audience %.40s',
    async (audience) => {
      const { status, body, text } = await root.put('/Resource/heard', { audience });
      expect(status, text).toBeLessThan(202);
      expect(body.audience).toBe(audience);
    },
  );

  const NO_TEXT = [7, null, true, ['urn:x'], { a: 1 }];
  const NO_URI = ['urn:{x}', 'urn:%zz', 'urn:a b', '1a:b', ':b', 'urn:'];
  it.each(['', ' ', 'a b', 'é', '\u{1F600}', '"', "a'b", '\\', 'x'.repeat(256), ...NO_URI, ...NO_TEXT])(
    'rejects the audience %j (RFC 7519 2)',
    async (audience) => {
      expectProblem(await root.put('/Resource/unheard', { audience }), 422, ['audience']);
    },
  );
});
