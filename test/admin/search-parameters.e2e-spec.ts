import { beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { LIBRARY, useLibrary } from '../support/library.js';
import { register } from '../support/registration.js';
import { expectProblem, idsOf } from './answers.js';
import { allow, deny, linkTo } from './callers.js';

const library = useLibrary();
let root: Admin;

const found = async (query: string) => {
  const answer = await root.get(query);
  expect(answer.status, answer.text).toBe(200);
  expect(answer.body).toMatchObject({ resourceType: 'Bundle', type: 'searchset' });
  expect(answer.body.total).toBe(answer.body.entry.length);
  return idsOf(answer);
};

beforeAll(async () => {
  const { server } = library;
  root = admin(server);
  const write = (type: string, id: string, members: Record<string, unknown>) =>
    register(server, type, id, members);
  await write('Client', 'ann', { name: 'Ann of Green Gables', grant_types: ['client_credentials'] });
  await write('Client', 'bob', { name: 'BOB 100% green_', active: false, grant_types: ['basic'] });
  await write('Client', 'cy', { name: 'Émile ÄÖ ß', grant_types: ['client_credentials', 'basic'] });
  await write('Client', 'dot', {});
  await write('Resource', 'shelf', { name: 'Shelf', audience: LIBRARY, operations: [{ name: 'read' }] });
  await write('AccessPolicy', 'p-allow', { engine: 'allow', link: linkTo('ann', 'bob') });
  await write('AccessPolicy', 'p-book', {
    engine: 'rules',
    link: linkTo('ann'),
    rules: [allow('book', '*', 'read'), deny('map', '*', 'zoom')],
  });
  await write('AccessPolicy', 'p-all', {
    engine: 'rules',
    everyone: true,
    rules: [allow('*', 'public', '*')],
  });
});

describe('Search of clients', () => {
  it('finds clients by a part of the name, in any case, also beyond ASCII', async () => {
    expect(await found('/Client?name=green')).toEqual(['ann', 'bob']);
    expect(await found('/Client?name=GABLES')).toEqual(['ann']);
    expect(await found('/Client?name=%C3%A9MILE')).toEqual(['cy']);
    expect(await found('/Client?name=%C3%A4%C3%B6+%C3%9F')).toEqual(['cy']);
  });

  it('finds clients by a part of the id or the name, in any case', async () => {
    expect(await found('/Client?text=AN')).toEqual(['ann']);
    expect(await found('/Client?text=o&_id=bob,dot')).toEqual(['bob', 'dot']);
    expect(await found('/Client?text=gables')).toEqual(['ann']);
    expect(await found('/Client?text=%25')).toEqual(['bob']);
    expect(await found('/Client?text=a%00')).toEqual([]);
  });

  it('finds clients by what they can prove themselves by', async () => {
    await register(library.server, 'TrustedIssuer', 'platform', { issuer: 'https://platform.example' });
    const { server } = library;
    await register(server, 'Client', 'm-secret', { secret: 'a-secret-to-be-found-by' });
    await register(server, 'Client', 'm-federated', { federated: [{ issuer: 'platform', subject: 'a' }] });
    await register(server, 'Client', 'm-key', {
      token_endpoint_auth_method: 'private_key_jwt',
      jwks_uri: 'https://client.example/jwks',
    });
    for (const method of ['secret', 'federated', 'key']) {
      expect(await found(`/Client?method=${method}&text=m-`)).toEqual([`m-${method}`]);
    }
    for (const method of ['client_secret_basic', 'constructor', '']) {
      expectProblem(await root.get(`/Client?method=${method}`), 400, ['method']);
    }
  });

  it('treats wildcards in a name literally', async () => {
    expect(await found('/Client?name=%25')).toEqual(['bob']);
    expect(await found('/Client?name=_')).toEqual(['bob']);
    expect(await found('/Client?name=A%25')).toEqual([]);
    expect(await found('/Client?name=*')).toEqual([]);
  });

  it('finds clients by whether they are active', async () => {
    expect(await found('/Client?active=false')).toEqual(['bob']);
    expect(await found('/Client?active=true&_id=ann,bob,dot')).toEqual(['ann', 'dot']);
  });

  it('finds clients by a grant type', async () => {
    expect(await found('/Client?grant_type=client_credentials')).toEqual(['ann', 'cy', 'root']);
    expect(await found('/Client?grant_type=basic')).toEqual(['bob', 'cy', 'root']);
  });

  it('combines all parameters', async () => {
    expect(await found('/Client?grant_type=basic&active=true&name=mil')).toEqual(['cy']);
    expect(await found('/Client?grant_type=basic&active=false&name=mil')).toEqual([]);
  });
});

describe('Search of resources', () => {
  it('finds resources by the exact audience, and all of one audience', async () => {
    expect(await found(`/Resource?audience=${LIBRARY}`)).toEqual(['book', 'page', 'shelf']);
    expect(await found('/Resource?audience=urn%3Alibrary')).toEqual(['book', 'page', 'shelf']);
    expect(await found('/Resource?audience=urn:lib')).toEqual([]);
    expect(await found('/Resource?audience=URN:LIBRARY')).toEqual([]);
    expect(await found(`/Resource?audience=${LIBRARY}%20`)).toEqual([]);
  });

  it('finds resources by a part of the name', async () => {
    expect(await found('/Resource?name=HEL')).toEqual(['shelf']);
  });

  it("includes the server's own types", async () => {
    const types = [
      'AccessPolicy',
      'AuditEvent',
      'Client',
      'Resource',
      'Session',
      'SigningKey',
      'TrustedIssuer',
    ];
    expect(await found(`/Resource?_id=${types.join(',')}`)).toEqual(types);
  });
});

describe('Search of policies', () => {
  it('finds policies by a linked client, given as an id or a reference', async () => {
    expect(await found('/AccessPolicy?client=ann')).toEqual(['p-allow', 'p-book']);
    expect(await found('/AccessPolicy?client=Client/bob')).toEqual(['p-allow']);
    expect(await found('/AccessPolicy?client=Client%2Fbob')).toEqual(['p-allow']);
    expect(await found('/AccessPolicy?client=an')).toEqual([]);
  });

  it('finds policies by a resource in any of their rules', async () => {
    expect(await found('/AccessPolicy?resource=book')).toEqual(['p-book']);
    expect(await found('/AccessPolicy?resource=Resource/map')).toEqual(['p-book']);
    expect(await found('/AccessPolicy?resource=Client')).toEqual(['root-administration']);
    expect(await found('/AccessPolicy?resource=page')).toEqual([]);
  });

  it('finds policies by engine', async () => {
    expect(await found('/AccessPolicy?engine=allow')).toEqual(['p-allow', 'root']);
    expect(await found('/AccessPolicy?engine=rules&client=ann')).toEqual(['p-book']);
  });
});

describe('Search by ids', () => {
  it('finds objects of any type by ids, in list order', async () => {
    expect(await found('/Client?_id=dot,ann,ann,nobody')).toEqual(['ann', 'dot']);
    expect(await found('/AccessPolicy?_id=p-book')).toEqual(['p-book']);
    expect(await found('/Client?_id=ANN')).toEqual([]);
  });
});

describe('Values that no object can have', () => {
  it.each([
    '/Client?active=maybe',
    '/Client?active=',
    '/Client?active=1',
    '/Client?active=TRUE',
    '/Client?grant_type=password',
    '/Client?grant_type=',
    '/Client?grant_type=client',
    '/Client?_id=',
    '/Client?_id=,',
    '/Client?_id=ann%20',
    '/Client?_id=%00',
    '/Client?_id=%F0%9F%98%80',
    '/Client?name=%00',
    '/Client?name=%0A',
    '/Client?name=%F0%9F%98%80',
    '/Resource?audience=',
    '/Resource?audience=%F0%9F%98%80',
    '/Resource?audience=a%00b',
    '/AccessPolicy?client=',
    '/AccessPolicy?client=Client/',
    '/AccessPolicy?client=Resource/ann',
    '/AccessPolicy?client=ann%20',
    '/AccessPolicy?resource=%27',
    '/AccessPolicy?engine=ALLOW',
    '/Session?client=nobody',
    '/Session?client=%F0%9F%98%80',
    '/Session?active=no',
    '/Session?type=password',
    '/Session?type=%F0%9F%98%80',
    '/Session?audience=%F0%9F%98%80',
    '/Session?_id=%F0%9F%98%80',
  ])('returns an empty Bundle for %s', async (path) => {
    const answer = await root.get(path);
    expect(answer.status, answer.text).toBe(200);
    expect(answer.body).toMatchObject({ resourceType: 'Bundle', type: 'searchset', total: 0, entry: [] });
  });
});
