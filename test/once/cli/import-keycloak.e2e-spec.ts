import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import { folderOf } from '../../support/command-line.js';
import { aRealm } from './exports.js';
import { expectWhole, lineOf, lostIn, useImports } from './imports.js';

const imports = useImports();

describe('latchkey import keycloak', () => {
  it('brings service accounts over with secrets, scopes, roles and fixed claims', async () => {
    const realm = aRealm('billing');
    const report = await imports.imported('keycloak', { 'realm.json': realm }, '--apply');
    expect([report.code, report.err]).toEqual([3, '']);
    expectWhole(report, 'clients/billing-worker', realm.clients[0]);
    expectWhole(report, 'users/service-account-billing-worker', realm.users[0]);
    expectWhole(report, 'clientScopes/invoices.read', realm.clientScopes[0]);
    const {
      roles: _r,
      clientScopes: _s,
      clients: _c,
      users: _u,
      ...members
    } = realm as Record<string, unknown>;
    expectWhole(report, 'realm', members);
    expect(lostIn(report)).toEqual([
      'clientScopes/profile built-in',
      'roles/realm/offline_access built-in',
      'clients/account built-in',
      'clients/billing-api unsupported',
      'users sign-in',
      'realm.browserFlow sign-in',
    ]);
    const secret = 'secret of billing-worker in Keycloak';
    const first = await imports.token('billing-worker', secret, { scope: 'invoices.read' });
    expect(decodeJwt(first.access_token)).toMatchObject({
      aud: 'https://billing.example.com',
      scope: 'invoices.read',
      tenant: 7,
    });
    expect(first.expires_in).toBe(240);
    const api = await imports.token('billing-worker', secret, { audience: 'billing-api' });
    expect(api.scope).toBe('read write');
    const own = await imports.token('billing-worker', secret, { audience: 'urn:keycloak:billing' });
    expect(own.scope).toBe('auditor');
  });

  it('gives no role that the tokens of a client could not carry', async () => {
    const api = 'narrow-api';
    const report = await imports.imported(
      'keycloak',
      {
        'realm.json': aRealm('narrow', {
          client: { fullScopeAllowed: false, enabled: false },
          realm: { clientScopeMappings: { [api]: [{ client: 'narrow-worker', roles: ['read'] }] } },
        }),
      },
      '--apply',
    );
    expect(report.err).toBe('');
    const { rules } = (await imports.root.get('/AccessPolicy/narrow-worker')).body;
    expect(rules.map(({ resource, operations }: Record<string, unknown>) => [resource, operations])).toEqual([
      ['narrow.example.com', ['invoices.read']],
      [api, ['read']],
    ]);
    expect((await imports.root.get('/Client/narrow-worker')).body.active).toBe(false);
  });

  it('reads the folder of an export, with users in a file of their own', async () => {
    const { users, ...realm } = aRealm('apart');
    const folder = folderOf({
      'apart-realm.json': realm,
      'apart-users-0.json': { realm: 'apart', users },
    });
    const { out } = await imports.latchkey('--json', 'import', 'keycloak', folder);
    expect(lineOf(JSON.parse(out), 'users/service-account-apart-worker.realmRoles')).toMatchObject({
      outcome: 'changed',
    });
    const alone = await imports.imported('keycloak', { 'a.json': { realm: 'apart', users } });
    expect([alone.code, alone.err.includes('but not the realm')]).toEqual([1, true]);
  });

  it('reads clients alone, and reports masked secrets and scopes that the file does not have', async () => {
    const [client] = aRealm('alone', { client: { secret: '**********', attributes: { new: 'x' } } }).clients;
    const report = await imports.imported('keycloak', { 'client.json': client as object });
    expect(report.documents).toEqual(['Client/alone-worker']);
    expect(lostIn(report)).toEqual([
      'clients/alone-worker.secret secret',
      'clients/alone-worker.defaultClientScopes reference',
      'clients/alone-worker.attributes.new unknown',
    ]);
  });

  it('imports the keys of client-jwt, and uses --audience for roles without one', async () => {
    const jwks = { keys: [{ kty: 'EC', crv: 'P-256', x: 'eA', y: 'eQ' }] };
    const client = {
      clientAuthenticatorType: 'client-jwt',
      secret: undefined,
      attributes: { 'use.jwks.url': 'true', 'jwks.url': 'https://keys.example.com/jwks.json' },
    };
    const out = join(folderOf({}), 'keys');
    const realm = aRealm('keys', { client });
    await imports.imported('keycloak', { 'a.json': realm }, '-o', out, '--audience', 'urn:keys');
    expect(readFileSync(join(out, 'Client/keys-worker.yaml'), 'utf8')).toContain(
      'jwks_uri: https://keys.example.com/jwks.json\n',
    );
    expect(readFileSync(join(out, 'Resource/keys.yaml'), 'utf8')).toContain('audience: urn:keys\n');
    const attributes = { 'use.jwks.string': 'true', 'jwks.string': JSON.stringify(jwks) };
    const other = await imports.imported('keycloak', {
      'a.json': aRealm('keys', { client: { ...client, attributes } }),
    });
    expect(lineOf(other, 'clients/keys-worker.attributes.jwks.string')).toMatchObject({ outcome: 'changed' });
  });
});
