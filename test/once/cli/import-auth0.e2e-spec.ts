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

  it('changes nothing that the server has under the same id, unless --overwrite says so', async () => {
    await imports.root.put('/Client/there-id', { name: 'Another client', grant_types: [] });
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

  it('reports secrets and keys that the file does not have', async () => {
    const keys = { private_key_jwt: { credentials: [{ id: 'cred_1' }] } };
    const clients = [
      ['absent', { client_secret: undefined }, 'client_secret', 'read:client_keys'],
      ['masked', { client_secret: '_VALUE_NOT_SHOWN_' }, 'client_secret', 'is masked'],
      ['short', { client_secret: 'short' }, 'client_secret', '8 to 255 characters'],
      ['signing', { client_authentication_methods: keys }, 'client_authentication_methods', 'no public key'],
    ] as const;
    const report = await imports.imported('auth0', {
      'a.json': clients.map(([name, client]) => aTenant(name, { client }).clients[0]),
    });
    for (const [name, , member, detail] of clients) {
      const line = lineOf(report, `clients/${name}-id.${member}`);
      expect(line).toMatchObject({ outcome: 'not_imported', group: 'secret' });
      expect(line?.detail).toContain(detail);
      expect(report.documents).toContain(`Client/${name}-id`);
    }
  });

  it('imports no client without an id or without a secret by design, and no grant of it', async () => {
    const refused = [
      ['nameless', { client_id: undefined }, 'clients/nameless', 'identity'],
      ['everything', { global: true }, 'clients/everything-id', 'own'],
      ['public', { token_endpoint_auth_method: 'none' }, 'clients/public-id', 'sign-in'],
      ['templated', { client_id: '##ENV##' }, 'clients/##ENV##', 'keyword'],
    ] as const;
    const files = refused.map(([name, client]) => [`${name}.json`, aTenant(name, { client })]);
    const report = await imports.imported('auth0', Object.fromEntries(files));
    for (const [name, , object, group] of refused) {
      expect(lineOf(report, object)).toMatchObject({ outcome: 'not_imported', group });
      const grant = lineOf(report, `clientGrants/${name}@https://${name}.example.com/`);
      expect(grant).toMatchObject({ outcome: 'not_imported', group: 'reference' });
    }
    expect(report.documents).toEqual(refused.map(([name]) => `Resource/${name}.example.com`));
  });
});
