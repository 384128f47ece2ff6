import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../../admin/answers.js';
import { allow, linkTo } from '../../admin/callers.js';
import { type Admin, admin } from '../../support/admin.js';
import { useLibrary } from '../../support/library.js';

const library = useLibrary();
let root: Admin;

beforeAll(() => {
  root = admin(library.server);
});

const OF_CREDENTIALS: Record<string, unknown[]> = {
  token_format: ['paper', 'JWT', 7, null, ['jwt']],
  access_token_expiration: [0, -1, 1.5, '600', 1e99, 2 ** 31, null, true, {}],
  token_expiration: [0, -1, 0.1, '600', 2 ** 31, null],
  refresh_token: ['true', 1, null],
  refresh_token_expiration: [0, -1, '1', 1e12, null],
  refresh_token_reuse_grace: [-1, 1.5, '5', 1e9, null],
  audience: ['urn:x', {}, 7, null],
  signing_alg: ['none', 'HS256', 'RS512', 'rs256', 7, null],
  profile: ['rfc7519', 7, null],
  unknown: [1, null],
};
const OF_CLIENT: Record<string, unknown[]> = {
  name: [7, true, {}, ['x'], null, 'x'.repeat(256), 'a\u0000b', 'a\nb', '\ud800', { $ne: 1 }],
  active: ['yes', 1, 0, 'true', {}, null],
  grant_types: ['basic', { 0: 'basic' }, 7, null],
  token_endpoint_auth_method: ['none', 'private_key', 'CLIENT_SECRET_BASIC', 7, null],
  auth: ['x', 7, [], null],
  scope: ['book:1:read'],
  secretHash: ['x'],
  isAdmin: [true],
  createdAt: ['2000-01-01'],
  resourceType: ['Resource', 7, null],
  id: ['other', '', 'a b', 7, null],
};

describe('Reports every invalid member (A04, A11, J13, ASVS 2.2.1, 15.3.3)', () => {
  it.each(Object.entries(OF_CLIENT))('reports the member of a client: %s', async (name, values) => {
    for (const value of values) {
      expectProblem(await root.put('/Client/wrong', { [name]: value }), 422, [name]);
    }
    expect((await root.get('/Client/wrong')).status).toBe(404);
  });

  it.each(Object.entries(OF_CREDENTIALS))(
    'reports the member auth.client_credentials.%s of a client',
    async (name, values) => {
      for (const value of values) {
        const auth = { client_credentials: { [name]: value } };
        expectProblem(await root.put('/Client/wrong', { auth }), 422, [`auth.client_credentials.${name}`]);
      }
    },
  );

  it.each([
    ['grant_types', ['password', 'client_credentials', 'refresh_token', 7], [0, 2, 3]],
    ['grant_types', ['authorization_code'], [0]],
    ['grant_types', [null, ['basic']], [0, 1]],
  ])("reports each invalid item of a client's %s", async (name, list, wrong) => {
    const paths = wrong.map((position) => `${name}[${position}]`);
    expectProblem(await root.put('/Client/wrong', { [name]: list }), 422, paths);
  });

  it("reports each invalid item of a client's audiences", async () => {
    const audience = ['urn:ok', '', 7, 'a b', 'x'.repeat(256), null, 'é'];
    const answer = await root.put('/Client/wrong', { auth: { client_credentials: { audience } } });
    const paths = [1, 2, 3, 4, 5, 6].map((n) => `auth.client_credentials.audience[${n}]`);
    expectProblem(answer, 422, paths);
  });

  it.each([
    ['token', ['x', [], null]],
    ['token.access_token_expiration', [0, '60', null]],
    ['token.signing_alg', ['none', 'HS256', null]],
    ['token.profile', ['x', null]],
    ['token.token_format', ['jwt']],
    ['operations', ['read', {}, null]],
    ['operations[0]', ['read', null, 7]],
    ['introspection_clients', [{}, 'library-api', null]],
    ['unknown', [1]],
  ])('reports the member of a resource: %s', async (path, values) => {
    for (const value of values) {
      const [parent, child] = path.replace('[0]', '.0').split('.') as [string, string?];
      const nested = child === '0' ? [value] : { [child ?? '']: value };
      const body = { [parent]: child === undefined ? value : nested };
      expectProblem(await root.put('/Resource/wrong', body), 422, [path]);
    }
  });
});

describe('Reports all invalid members at once', () => {
  it('reports all invalid members of a client', async () => {
    const body = {
      resourceType: 'User',
      id: 'other',
      name: { x: 1 },
      active: 'yes',
      secret: 'short',
      grant_types: ['basic', 'password'],
      token_endpoint_auth_method: 'none',
      auth: {
        client_credentials: { token_format: 'x', access_token_expiration: -1, nothing: 1 },
        password: {},
      },
      bogus: 1,
    };
    const paths = [
      'active',
      'auth.client_credentials.access_token_expiration',
      'auth.client_credentials.nothing',
      'auth.client_credentials.token_format',
      'auth.password',
      'bogus',
      'grant_types[1]',
      'id',
      'name',
      'resourceType',
      'secret',
      'token_endpoint_auth_method',
    ];
    expectProblem(await root.put('/Client/wrong', body), 422, paths);
    const { id: _, ...posted } = body;
    expectProblem(
      await root.post('/Client', posted),
      422,
      paths.filter((path) => path !== 'id'),
    );
  });

  it('reports all invalid members of a resource', async () => {
    const answer = await root.put('/Resource/wrong', {
      name: 7,
      audience: 'a b',
      operations: [{ name: '*' }, { name: 'read', description: 7, extra: 1 }, 'x', { name: 'read' }],
      introspection_clients: [...linkTo('nobody'), { reference: 'x' }],
      token: { signing_alg: 'none', profile: 'x', more: 1 },
      link: [],
    });
    expectProblem(answer, 422, [
      'audience',
      'introspection_clients[0].id',
      'introspection_clients[1].reference',
      'link',
      'name',
      'operations[0].name',
      'operations[1].description',
      'operations[1].extra',
      'operations[2]',
      'operations[3].name',
      'token.more',
      'token.profile',
      'token.signing_alg',
    ]);
  });

  it('reports all faults of a policy, including unknown clients, resources and operations', async () => {
    const answer = await root.put('/AccessPolicy/wrong', {
      engine: 'rules',
      link: [...linkTo('root', 'nobody'), { reference: 'Client/no one' }],
      rules: [
        allow('book', '1', 'read', 'fly'),
        allow('nothing', '1', 'read'),
        { effect: 'permit', resource: 'book', identifier: 'a*', operations: [] },
        'allow everything',
      ],
      priority: 1,
    });
    expectProblem(answer, 422, [
      'link[1].id',
      'link[2].reference',
      'priority',
      'rules[0].operations[1]',
      'rules[1].resource',
      'rules[2].effect',
      'rules[2].identifier',
      'rules[2].operations',
      'rules[3]',
    ]);
    expect((await root.get('/AccessPolicy/wrong')).status).toBe(404);
  });

  it('reports all faults of a patch and writes nothing', async () => {
    await root.put('/Client/whole', { name: 'before' });
    expectProblem(await root.patch('/Client/whole', { name: 'after', active: 'no', x: 1 }), 422, [
      'active',
      'x',
    ]);
    expect((await root.get('/Client/whole')).body).toMatchObject({
      name: 'before',
      meta: { versionId: '1' },
    });
    expectProblem(await root.patch('/Client/whole', { id: 'other', resourceType: 'X' }), 422, [
      'id',
      'resourceType',
    ]);
  });
});

describe('Null in a patch', () => {
  it.each([
    ['Client', { client_secret: null }, ['client_secret']],
    ['Client', { name: null, bogus: null, other: { x: null } }, ['bogus', 'other']],
    ['Client', { auth: { client_credentials: { bogus: null } } }, ['auth.client_credentials.bogus']],
    [
      'Client',
      { auth: { bogus: null }, token_quota: { bogus: null, per_day: 1 } },
      ['auth.bogus', 'token_quota.bogus'],
    ],
    ['Client', { active: null }, ['active']],
    ['Client', { id: null, resourceType: null }, ['id', 'resourceType']],
    ['Resource', { bogus: null, token: { bogus: null } }, ['bogus', 'token.bogus']],
    ['AccessPolicy', { bogus: null, id: null }, ['bogus', 'id']],
  ])('is rejected with 422 for members of a %s that it cannot remove: %j', async (type, patch, paths) => {
    const documents: Record<string, object> = {
      Client: { name: 'Nulls' },
      Resource: { operations: [{ name: 'read' }] },
      AccessPolicy: { engine: 'allow', link: [{ resourceType: 'Client', id: 'root' }] },
    };
    const path = `/${type}/nulls`;
    await root.put(path, documents[type] as object);
    const before = (await root.get(path)).body;
    expectProblem(await root.patch(path, patch), 422, paths);
    expect((await root.get(path)).body).toEqual(before);
  });
});

describe('Rejects objects in place of strings (A05, ASVS 15.3.5, CVE-2025-60542, mysql2#4051)', () => {
  it.each(['name', 'id', 'secret', 'token_endpoint_auth_method', 'active'])(
    'rejects an object as %s',
    async (name) => {
      for (const value of [{ x: 1 }, { $ne: null }, ['a'], { toString: 'x' }, { length: 9 }]) {
        const answer = await root.post('/Client', { [name]: value });
        expect(answer.status, answer.text).toBe(422);
      }
    },
  );
});

describe('Problem documents', () => {
  it('have no errors member without invalid members', async () => {
    expectProblem(await root.get('/Client/nobody'), 404);
    expect((await root.get('/Client/nobody')).body).not.toHaveProperty('errors');
  });

  it.each(['Client', 'Resource', 'AccessPolicy', 'Session', 'SigningKey', 'AuditEvent'])(
    'name the %s that does not exist, if the path is an id',
    async (type) => {
      const detail = async (id: string) => (await root.get(`/${type}/${id}`)).body.detail;
      expect(await detail('nobody')).toBe(`there is no ${type} nobody`);
      expect(await detail('x'.repeat(65))).toBe(`there is no ${type} with this id`);
      expect(await detail('no%20body')).toBe(`there is no ${type} with this id`);
    },
  );

  it('reveal no implementation details', async () => {
    const answers = await Promise.all([
      root.put('/Client/wrong', { name: {} }),
      root.get('/Client?_sort=x'),
      root.get('/Client/%00'),
      root.put('/Resource/Client', {}),
      root.post('/AccessPolicy', { engine: 'rules' }),
    ]);
    for (const { text } of answers) {
      expect(text).not.toMatch(
        /node_modules|\.[jt]s:\d|typeorm|fastify|nest|sqlite|mysql|SELECT|class-validator|stack/i,
      );
    }
  });
});
