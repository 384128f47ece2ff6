import { beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { NATIVE } from '../support/dialects.js';
import { basic, form } from '../support/http.js';
import { useLibrary } from '../support/library.js';
import { runSql } from '../support/sql.js';
import { expectProblem } from './answers.js';
import { aCaller, allow, linkTo } from './callers.js';

const library = useLibrary();
let root: Admin;

beforeAll(() => {
  root = admin(library.server);
});

const SECRET = 'declared in a repository';
const CLIENT = {
  name: 'Declared',
  secret: SECRET,
  grant_types: ['client_credentials'],
  auth: { client_credentials: { token_format: 'jwt', access_token_expiration: 600 } },
  token_quota: { per_hour: 10 },
  description: 'declared',
  owner: 'platform',
  labels: { env: 'prod', team: 'platform' },
  expires_at: '2099-01-01T00:00:00Z',
};
const CLIENT_AGAIN = {
  expires_at: '2099-01-01T02:00:00+02:00',
  labels: { team: 'platform', env: 'prod' },
  owner: 'platform',
  description: 'declared',
  token_quota: { enforce: true, per_hour: 10 },
  auth: { client_credentials: { token_expiration: 600, token_format: 'jwt' } },
  grant_types: ['client_credentials', 'client_credentials'],
  active: true,
  name: 'Declared',
  secret: SECRET,
};
const RESOURCE = {
  name: 'Declared',
  operations: [{ name: 'read', description: 'reading' }],
  introspection_clients: [{ resourceType: 'Client', id: 'root' }],
};
const RESOURCE_AGAIN = {
  introspection_clients: [{ reference: 'Client/root' }],
  token: {},
  operations: [{ description: 'reading', name: 'read' }],
  name: 'Declared',
};
const RULES = [allow('book', '1', 'read', 'write')];
const POLICY = { engine: 'rules', link: linkTo('root', 'declared'), rules: RULES };
const POLICY_AGAIN = {
  rules: [{ operations: ['read', 'write', 'read'], identifier: '1', resource: 'book', effect: 'allow' }],
  everyone: false,
  link: [{ reference: 'Client/declared' }, { reference: 'Client/root' }],
  engine: 'rules',
};

const revisions = () =>
  runSql(library.server, 'SELECT clients, resources, policies FROM configuration_revision');
const events = async (id: string) =>
  (await root.get('/AuditEvent?_count=1000')).body.entry.filter(
    ({ resource }: any) => resource.target?.id === id,
  ).length;

const opens = async (id: string, secret: string) => {
  const fields = { grant_type: 'client_credentials' };
  const { status } = await form(`${library.server.url}${NATIVE.token}`, fields, basic(id, secret));
  return status === 200;
};

describe.each([
  ['Client', CLIENT, CLIENT_AGAIN, { name: 'Declared' }],
  ['Resource', RESOURCE, RESOURCE_AGAIN, { operations: RESOURCE.operations }],
  ['AccessPolicy', POLICY, POLICY_AGAIN, { rules: RULES }],
])('A write of /%s that changes nothing', (type, document, again, patch) => {
  it('creates no version, event or revision for a write that changes nothing (fault E2)', async () => {
    const path = `/${type}/declared`;
    await root.put('/Client/declared', CLIENT);
    await root.put(path, document);
    const { body: before, headers } = await root.get(path);
    const [reported, revised] = [await events('declared'), await revisions()];
    for (const write of [
      () => root.put(path, document),
      () => root.put(path, again),
      () => root.put(path, { ...before, ...document }),
      () => root.put(path, document, { 'if-match': headers.get('etag') as string }),
      () => root.patch(path, {}),
      () => root.patch(path, patch),
    ]) {
      const answer = await write();
      expect(answer.status, answer.text).toBe(200);
      expect(answer.headers.get('etag')).toBe(headers.get('etag'));
      expect(answer.body).toEqual(before);
    }
    expect((await root.get(path)).body).toEqual(before);
    expect([await events('declared'), await revisions()]).toEqual([reported, revised]);
    expectProblem(await root.put(path, document, { 'if-match': '"99"' }), 412);
  });

  it('creates a version when a member differs (fault E2)', async () => {
    const path = `/${type}/declared`;
    const before = (await root.put(path, document)).body.meta.versionId;
    const after = (
      await root.put(path, {
        ...document,
        ...(type === 'AccessPolicy' ? { link: linkTo('root') } : { name: 'x' }),
      })
    ).body;
    expect(after.meta.versionId).toBe(String(Number(before) + 1));
  });
});

const rotate = async (id: string, members: object) =>
  (await root.post(`/Client/${id}/$rotate-secret`, members)).body.secret as string;

describe('Writing a document with a secret after a rotation', () => {
  it.each(['PUT', 'PATCH'] as const)(
    'changes no secret while the declared one is valid: %s (fault E2)',
    async (method) => {
      const id = `loop-${method}`;
      const path = `/Client/${id}`;
      const write = () => (method === 'PUT' ? root.put(path, CLIENT) : root.patch(path, CLIENT));
      await root.put(path, CLIENT);
      const made = await rotate(id, { overlap: 3600 });
      const before = (await root.get(path)).body;
      expect((await write()).body).toEqual(before);
      expect([await opens(id, made), await opens(id, SECRET)]).toEqual([true, true]);
      // The rest of the document is still written.
      const renamed = await root.put(path, { ...CLIENT, name: method });
      expect(renamed.body).toMatchObject({ name: method, secrets: [{}, {}] });
      expect([await opens(id, made), await opens(id, SECRET)]).toEqual([true, true]);
    },
  );

  it('rejects the document once the declared secret has ended, after any number of rotations (fault E2)', async () => {
    await root.put('/Client/ended', CLIENT);
    for (let times = 0; times < 5; times++) {
      const made = await rotate('ended', {});
      const before = (await root.get('/Client/ended')).body;
      const answers = [
        await root.put('/Client/ended', CLIENT),
        await root.patch('/Client/ended', { secret: SECRET }),
      ];
      for (const answer of answers) {
        expectProblem(answer, 422, ['secret']);
        expect(answer.body.errors[0].message).toMatch(/^was ended at 2\d{3}-.*: omit it, or use/);
      }
      expect((await root.get('/Client/ended')).body).toEqual(before);
      expect([await opens('ended', made), await opens('ended', SECRET)]).toEqual([true, false]);
    }
    const { secret: _, ...without } = CLIENT;
    expect((await root.put('/Client/ended', { ...without, name: 'still written' })).status).toBe(200);
    expect((await root.put('/Client/ended', { ...without, secret: 'another secret' })).status).toBe(200);
    expect(await opens('ended', 'another secret')).toBe(true);
  });

  it.each([
    ['put', {}],
    ['patch', {}],
    ['put', { overlap: 3600 }],
  ] as const)(
    'rejects a secret that a rotation ended after another was declared by %s, rotated with %j (fault E2)',
    async (method, rotation) => {
      const id = `ended-${method}-${Object.keys(rotation).length}`;
      await root.put(`/Client/${id}`, CLIENT);
      await rotate(id, rotation);
      for (const secret of ['the second secret', 'the third secret', 'the second secret']) {
        expect((await root[method](`/Client/${id}`, { ...CLIENT, secret })).status).toBe(200);
        expect(await opens(id, secret)).toBe(true);
        expectProblem(await root.put(`/Client/${id}`, CLIENT), 422, ['secret']);
        expect(await opens(id, SECRET)).toBe(false);
      }
    },
  );

  it('rejects a secret that a rotation ended after the client has signed for a while (fault E2)', async () => {
    await root.put('/Client/signed', CLIENT);
    await rotate('signed', {});
    const signing = {
      token_endpoint_auth_method: 'private_key_jwt',
      jwks_uri: 'https://client.example/jwks.json',
    };
    const signed = await root.put('/Client/signed', { grant_types: CLIENT.grant_types, ...signing });
    expect(signed.status, signed.text).toBe(200);
    expect(signed.body).not.toHaveProperty('secrets');
    expectProblem(await root.put('/Client/signed', CLIENT), 422, ['secret']);
  });

  it('sets the declared secret after all others were removed (fault E2)', async () => {
    await root.put('/Client/back', CLIENT);
    await rotate('back', {});
    await root.patch('/Client/back', { secret: null });
    expect((await root.put('/Client/back', CLIENT)).status).toBe(200);
    expect(await opens('back', SECRET)).toBe(true);
  });

  it('reveals nothing about the secret of a stronger client to a weaker caller (fault E2)', async () => {
    await root.put('/Client/strong', { ...CLIENT, grant_types: ['client_credentials', 'basic'] });
    await root.put('/AccessPolicy/strong', { engine: 'allow', link: linkTo('strong') });
    const weak = await aCaller(library.server, 'Client:*:read,update');
    const guess = (secret: string) => weak.rest.patch('/Client/strong', { secret });
    const [right, wrong] = [await guess(SECRET), await guess('a wrong guess')];
    expectProblem(right, 403);
    expect(right.body).toEqual(wrong.body);
    await rotate('strong', {});
    expect((await guess(SECRET)).body).toEqual(wrong.body);
  });
});
