import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import { folderOf } from '../../support/command-line.js';
import { aKeyPair, aTenant } from './exports.js';
import { expectWhole, lineOf, lostIn, useImports } from './imports.js';

const imports = useImports();

describe('latchkey import auth0', () => {
  it('brings clients, APIs and grants over with their ids and secrets, and accounts for every member', async () => {
    const tenant = aTenant('orders', {
      client: {
        description: 'Nightly',
        token_quota: { client_credentials: { per_hour: 100, enforce: true } },
        client_metadata: { team: 'billing', note: 'free text here' },
        logo_uri: 'https://example.com/logo.png',
        something_new: 1,
      },
      api: { token_lifetime: 600, signing_alg: 'HS256', allow_offline_access: false },
      tenant: { connections: [{ name: 'users' }], rules: [] },
    });
    const report = await imports.imported('auth0', { 'tenant.yaml': JSON.stringify(tenant) }, '--apply');
    expect([report.code, report.err]).toEqual([3, '']);
    expectWhole(report, 'clients/orders-id', tenant.clients[0]);
    const [api, grant] = [tenant.resourceServers[0], tenant.clientGrants[0]] as object[];
    expectWhole(report, 'resourceServers/https://orders.example.com/', api);
    expectWhole(report, 'clientGrants/orders@https://orders.example.com/', grant);
    expect(lostIn(report)).toEqual([
      'clients/orders-id.client_metadata.note metadata',
      'clients/orders-id.logo_uri sign-in',
      'clients/orders-id.something_new unknown',
      'tenant.friendly_name sign-in',
      'connections sign-in',
    ]);
    expect(report.out).not.toContain('secret of orders');
    const fields = { audience: 'https://orders.example.com/' };
    const body = await imports.token('orders-id', 'secret of orders in Auth0', fields, '/oauth/token');
    expect(body).toMatchObject({ scope: 'read:orders', expires_in: 600 });
    expect(decodeJwt(body.access_token)).toMatchObject({ sub: 'orders-id@clients', aud: fields.audience });
    expect((await imports.root.get('/Client/orders-id')).body).toMatchObject({
      name: 'orders',
      description: 'Nightly',
      labels: { team: 'billing' },
      token_quota: { per_hour: 100, enforce: true },
    });
    const again = await imports.imported(
      'auth0',
      { 'tenant.yaml': JSON.stringify(tenant) },
      ...['--apply', '--accept', 'sign-in', '--accept', 'clients.client_metadata'],
      ...['--accept', 'clients/orders-id.something_new'],
    );
    expect([again.code, again.summary.accepted]).toEqual([0, 5]);
    expect((await imports.root.get('/Client/orders-id')).body.meta.versionId).toBe('1');
  });

  it('changes nothing that the server has under the same id, unless it is told to', async () => {
    await imports.root.put('/Client/there-id', { name: 'Somebody else', grant_types: [] });
    const files = { 'tenant.json': aTenant('there') };
    const refused = await imports.imported('auth0', files, '--apply');
    expect([refused.code, refused.err]).toEqual([
      1,
      'nothing was applied: the server has other documents as Client/there-id; review them with -o and plan, or use --overwrite\n',
    ]);
    expect((await imports.root.get('/Resource/there.example.com')).status).toBe(404);
    expect(
      (await imports.imported('auth0', files, '--apply', '--overwrite', '--accept', 'tenant')).code,
    ).toBe(0);
    expect((await imports.root.get('/Client/there-id')).body.name).toBe('there');
  });

  it('reads the folder of the Deploy CLI', async () => {
    const { clients, resourceServers, clientGrants } = aTenant('folder');
    const folder = folderOf({
      'tenant.json': { friendly_name: 'x' },
      'clients/folder.json': clients[0] as object,
      'clients/page.json': { name: 'page', client_id: 'page', grant_types: ['authorization_code'] },
      'resource-servers/api.json': resourceServers[0] as object,
      'grants/folder.json': clientGrants[0] as object,
      'actions/a/code.js': 'exports.onExecute = () => {};',
    });
    const { code, out } = await imports.latchkey('--json', 'import', 'auth0', folder);
    const report = JSON.parse(out);
    expect(code).toBe(3);
    expect(report.documents).toEqual([
      'Client/folder-id',
      'Resource/folder.example.com',
      'AccessPolicy/folder-id-folder.example.com',
    ]);
    expect(lineOf(report, 'clients/page')).toMatchObject({ outcome: 'not_imported', group: 'sign-in' });
    expect(lineOf(report, 'actions')).toMatchObject({ group: 'unsupported', members: ['actions/a/code.js'] });
  });

  it('reads lists of the Management API, with keys of private_key_jwt', async () => {
    const { clients, resourceServers, clientGrants } = aTenant('listed', {
      client: {
        client_secret: undefined,
        client_authentication_methods: {
          private_key_jwt: {
            credentials: [{ credential_type: 'public_key', pem: aKeyPair().publicKey, alg: 'RS256' }],
          },
        },
      },
      api: { id: 'rs_1' },
      grant: { id: 'cgr_1', client_id: 'listed-id', scope: ['read:orders', 'gone:orders'] },
    });
    const report = await imports.imported(
      'auth0',
      {
        'clients.json': { start: 0, limit: 50, total: 1, clients },
        'apis.json': resourceServers,
        'grants.json': { client_grants: clientGrants },
      },
      '--apply',
    );
    expect(report.documents).toEqual(['Client/listed-id', 'Resource/rs_1', 'AccessPolicy/cgr_1']);
    expect(lineOf(report, 'clientGrants/cgr_1.scope')?.detail).toContain('no scope gone:orders');
    const { body } = await imports.root.get('/Client/listed-id');
    expect(body).toMatchObject({
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [{ kty: 'RSA', alg: 'RS256', use: 'sig' }] },
    });
  });

  it.each([
    [
      'a secret that the file does not have',
      { client_secret: undefined },
      'client_secret',
      'read:client_keys',
    ],
    ['a masked secret', { client_secret: '_VALUE_NOT_SHOWN_' }, 'client_secret', 'is masked'],
    ['a short secret', { client_secret: 'short' }, 'client_secret', '8 to 255 characters'],
    [
      'keys that it does not have',
      {
        client_authentication_methods: { private_key_jwt: { credentials: [{ id: 'cred_1' }] } },
      },
      'client_authentication_methods',
      'has no public key',
    ],
  ])('reports %s', async (_, client, member, detail) => {
    const report = await imports.imported('auth0', { 'a.json': aTenant('lost', { client }) });
    expect(lineOf(report, `clients/lost-id.${member}`)).toMatchObject({
      outcome: 'not_imported',
      group: 'secret',
    });
    expect(lineOf(report, `clients/lost-id.${member}`)?.detail).toContain(detail);
    expect(report.documents).toContain('Client/lost-id');
  });

  it.each([
    ['without an id', { client_id: undefined }, 'clients/kept', 'identity'],
    ['of the tenant itself', { global: true }, 'clients/kept-id', 'own'],
    ['without a secret by design', { token_endpoint_auth_method: 'none' }, 'clients/kept-id', 'sign-in'],
    ['with a keyword in its id', { client_id: '##ENV##' }, 'clients/##ENV##', 'keyword'],
  ])('imports no client %s, and no grant of it', async (_, client, name, group) => {
    const report = await imports.imported('auth0', { 'a.json': aTenant('kept', { client }) });
    expect(lineOf(report, name)).toMatchObject({ outcome: 'not_imported', group });
    expect(report.lines.find(({ object }) => object.startsWith('clientGrants/'))).toMatchObject({
      group: 'reference',
    });
    expect(report.documents).toEqual(['Resource/kept.example.com']);
  });
});
