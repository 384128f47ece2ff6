import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderOf } from '../../support/command-line.js';
import { expectWhole, lineOf, lostIn, useImports } from './imports.js';

const imports = useImports();

const aClient = (id: string, members: object = {}) => ({
  resourceType: 'Client',
  id,
  secret: `secret of ${id} in Aidbox`,
  grant_types: ['client_credentials'],
  auth: { client_credentials: { token_format: 'jwt', access_token_expiration: 600, audience: 'urn:box' } },
  ...members,
});

const aPolicy = (id: string, client: string, members: object = {}) => ({
  resourceType: 'AccessPolicy',
  id,
  engine: 'allow',
  link: [{ resourceType: 'Client', id: client }],
  ...members,
});

const entry = (resource: { resourceType: string; id: string }) => ({
  resource,
  request: { method: 'PUT', url: `/${resource.resourceType}/${resource.id}` },
});

describe('latchkey import aidbox', () => {
  it('brings clients and policies of a Bundle over, and accounts for every member', async () => {
    const client = aClient('batch', {
      name: 'Batch',
      active: true,
      meta: { versionId: '7' },
      type: 'api',
      scope: ['system/Patient.read'],
      something_new: 1,
    });
    const policy = aPolicy('batch-all', 'batch', { description: 'All', meta: { versionId: '1' } });
    const limited = { engine: 'matcho', matcho: { uri: '#/fhir/Patient' } };
    const bundle = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        entry(client),
        entry(policy),
        entry(aPolicy('limited', 'batch', limited)),
        entry(aPolicy('everyone', 'batch', { link: undefined })),
        entry({ resourceType: 'User', id: 'ann' }),
        { request: { method: 'DELETE', url: '/Client/old' } },
      ],
    };
    const report = await imports.imported('aidbox', { 'init.json': bundle }, '--apply');
    expect([report.code, report.err]).toEqual([3, '']);
    expectWhole(report, 'Client/batch', client);
    expectWhole(report, 'AccessPolicy/batch-all', policy);
    expect(lostIn(report).map((line) => line.replace(/^\S*(?=\/entry)/, ''))).toEqual([
      '/entry/5 unsupported',
      'Client/batch.type own',
      'Client/batch.scope unsupported',
      'Client/batch.something_new unknown',
      'AccessPolicy/limited unsupported',
      'AccessPolicy/everyone reference',
      'User/ann sign-in',
    ]);
    const { expires_in: seconds } = await imports.token('batch', 'secret of batch in Aidbox', {});
    expect(seconds).toBe(600);
    expect((await imports.root.get('/AccessPolicy/batch-all')).body).toMatchObject({
      engine: 'allow',
      link: [{ resourceType: 'Client', id: 'batch' }],
    });
  });

  it('reads lists, NDJSON and YAML, and ids in the addresses of a Bundle', async () => {
    const { id: _, resourceType: _type, ...nameless } = aClient('by-address');
    const report = await imports.imported('aidbox', {
      'list.json': {
        resourceType: 'Bundle',
        type: 'searchset',
        total: 1,
        entry: [{ resource: aClient('one') }],
      },
      'lines.ndjson': `${JSON.stringify(aClient('two'))}\n${JSON.stringify(aClient('three'))}\n`,
      'all.yaml':
        'resourceType: Client\nid: four\nsecret: secret of four\ngrant_types: [client_credentials]\n---\nresourceType: AccessPolicy\nid: four\nengine: allow\nlink: [{reference: Client/four}]\n',
      'entry.json': entry(aClient('five')),
      'put.json': { entry: [{ resource: nameless, request: { method: 'PUT', url: 'Client/by-address' } }] },
    });
    expect([report.code, report.err]).toEqual([0, '']);
    expect(report.documents).toEqual([
      ...['Client/one', 'Client/two', 'Client/three', 'Client/four', 'Client/five', 'Client/by-address'],
      'AccessPolicy/four',
    ]);
  });

  it('takes keys of SMART clients, and leaves out basic, which would open the administration', async () => {
    const out = join(folderOf({}), 'keys');
    const report = await imports.imported(
      'aidbox',
      {
        'a.json': [
          aClient('smart', {
            secret: undefined,
            jwks_uri: 'https://keys.example.com/jwks.json',
            auth: {
              client_credentials: {
                client_assertion_types: ['urn:ietf:params:oauth:client-assertion-type:jwt-bearer'],
              },
            },
          }),
          aClient('both', { grant_types: ['basic', 'client_credentials'] }),
          aClient('only-basic', { grant_types: ['basic'] }),
          aClient('page', { grant_types: ['authorization_code'] }),
        ],
      },
      '-o',
      out,
    );
    expect(lostIn(report)).toEqual([
      'Client/both.grant_types unsupported',
      'Client/only-basic unsupported',
      'Client/page sign-in',
    ]);
    const smart = readFileSync(join(out, 'Client/smart.yaml'), 'utf8');
    expect(smart).toContain('assertion_audience: token_endpoint\n');
    expect(smart).toContain('token_endpoint_auth_method: private_key_jwt\n');
    expect(readFileSync(join(out, 'Client/both.yaml'), 'utf8')).toContain(
      'grant_types:\n  - client_credentials\n',
    );
  });

  it.each<[string, object, string]>([
    [
      'a part of a list',
      { resourceType: 'Bundle', type: 'searchset', total: 9, entry: [] },
      'contains only 0 of 9',
    ],
    ['an object of no type', { id: 'a' }, 'without resourceType'],
  ])('rejects %s', async (_, content, message) => {
    const { code, err } = await imports.imported('aidbox', { 'a.json': content });
    expect([code, err.includes(message), err]).toEqual([1, true, err]);
  });

  it('imports no policy of a client that is not imported', async () => {
    const report = await imports.imported('aidbox', { 'a.json': [aPolicy('alone', 'unknown-client')] });
    expect(lineOf(report, 'AccessPolicy/alone')).toMatchObject({ group: 'reference' });
    expect(report.documents).toEqual([]);
  });
});
