import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hash } from '@node-rs/bcrypt';
import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import { folderOf } from '../../support/command-line.js';
import { aRow } from './exports.js';
import { expectWhole, lineOf, lostIn, useImports } from './imports.js';

const SECRET = 'a secret that Hydra has hashed';

const imports = useImports();

/** As Hydra hashes secrets. */
function pbkdf2(iterations = 25_000): string {
  const salt = randomBytes(16);
  const text = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
  const key = pbkdf2Sync(SECRET, salt, iterations, 32, 'sha256');
  return `$pbkdf2-sha256$i=${iterations},l=32$${text(salt)}$${text(key)}`;
}

const inLines = (...rows: object[]) => rows.map((row) => JSON.stringify(row)).join('\n');

describe('latchkey import hydra', () => {
  it('brings clients over with the hashes of their secrets, and accounts for every member', async () => {
    const rows = [
      aRow('hashed', {
        client_secret: pbkdf2(),
        audience: '["https://api.example.com"]',
        access_token_strategy: 'jwt',
        logo_uri: 'https://example.com/logo.png',
        something_new: true,
      }),
      aRow('earlier', {
        client_secret: (await hash(SECRET, 4)).replace('$2b$', '$2a$'),
        grant_types: 'client_credentials|implicit',
        scope: 'read offline',
        metadata: '{}',
      }),
      aRow('web', { grant_types: '["authorization_code"]' }),
    ];
    const report = await imports.imported('hydra', { 'clients.ndjson': inLines(...rows) }, '--apply');
    expect([report.code, report.err]).toEqual([3, '']);
    const [first] = rows as [Record<string, unknown>];
    expectWhole(report, 'clients/hashed', { ...first, metadata: { team: 1 }, jwks: [] });
    expect(lostIn(report)).toEqual([
      'clients/hashed.logo_uri sign-in',
      'clients/hashed.something_new unknown',
      'clients/earlier.grant_types sign-in',
      'clients/earlier.scope sign-in',
      'clients/web sign-in',
    ]);
    expect(report.out).not.toContain('pbkdf2-');
    const body = await imports.token('hashed', SECRET, { scope: 'write' });
    expect(decodeJwt(body.access_token)).toMatchObject({ aud: 'https://api.example.com', scope: 'write' });
    expect(body.expires_in).toBe(600);
    const earlier = await imports.token('earlier', SECRET, { scope: 'read' });
    expect(earlier.scope).toBe('read');
    expect((await imports.root.get('/Client/hashed')).body).toMatchObject({
      name: 'Client hashed',
      labels: { team: 'billing' },
      token_endpoint_auth_method: 'client_secret_basic',
    });
    const again = await imports.imported(
      'hydra',
      { 'clients.ndjson': inLines(rows[0] as object) },
      '--apply',
    );
    expect(again.err).toBe('');
    expect((await imports.root.get('/Client/hashed')).body.meta.versionId).toBe('1');
    await imports.token('hashed', SECRET, { scope: 'read' });
  });

  it('writes hashes to files of their own, which a document refers to', async () => {
    const out = join(folderOf({}), 'config');
    const secretHash = pbkdf2();
    const row = aRow('written', { client_secret: secretHash, audience: '["written"]' });
    const report = await imports.imported('hydra', { 'a.json': [row] }, '-o', out);
    expect([report.code, report.err]).toEqual([0, '']);
    expect(lineOf(report, 'clients/written.audience')?.detail).toBe(
      'written is a client: the audience is urn:hydra:written',
    );
    const text = readFileSync(join(out, 'Client/written.yaml'), 'utf8');
    expect(text).toContain(`secretHashRef: file:${join(out, 'secrets/written')}\n`);
    expect(readFileSync(join(out, 'secrets/written'), 'utf8')).toBe(`${secretHash}\n`);
    for (const outcome of ['Applied: 3 to create', 'No changes: 3 documents']) {
      expect((await imports.latchkey('apply', '-f', out)).out).toContain(outcome);
    }
    await imports.token('written', SECRET, { scope: 'read' });
    expect((await imports.latchkey('plan', '-f', out)).code).toBe(0);
  });

  it('reads lists of the command line and of the API, which have no secrets', async () => {
    const client = {
      client_id: 'listed',
      client_name: '',
      grant_types: ['client_credentials'],
      scope: 'jobs.* run',
      audience: null,
      contacts: null,
      jwks: {},
      metadata: {},
      token_endpoint_auth_method: 'client_secret_post',
      client_credentials_grant_access_token_lifespan: '1h30m0s',
      registration_access_token: 'ory_at_x',
    };
    const out = join(folderOf({}), 'listed');
    const report = await imports.imported(
      'hydra',
      { 'a.json': { items: [client], is_last_page: true, next_page_token: '' } },
      ...['-o', out, '--audience', 'urn:jobs'],
    );
    expectWhole(report, 'clients/listed', client);
    expect(lostIn(report)).toEqual([
      'clients/listed.client_secret secret',
      'clients/listed.scope unsupported',
      'clients/listed.registration_access_token unsupported',
    ]);
    expect(report.documents).toEqual(['Client/listed', 'Resource/urn-jobs', 'AccessPolicy/listed']);
    const text = readFileSync(join(out, 'Client/listed.yaml'), 'utf8');
    expect(text).toContain('access_token_expiration: 5400\n');
    expect(text).toContain('- urn:jobs\n');
  });

  it('reports hashes that are too slow or of another form, and keys that the file does not have', async () => {
    const slow = pbkdf2(1).replace('i=1,', 'i=900000,');
    const rows = [
      ['slow', { client_secret: slow }, 'client_secret', 'too slow'],
      ['other', { client_secret: '$pbkdf2-sha1$i=1,l=2$x$y' }, 'client_secret', 'another form'],
      [
        'signing',
        { token_endpoint_auth_method: 'private_key_jwt' },
        'token_endpoint_auth_method',
        'without keys',
      ],
    ] as const;
    const report = await imports.imported('hydra', { 'a.json': rows.map(([id, more]) => aRow(id, more)) });
    for (const [id, , member, detail] of rows) {
      const line = lineOf(report, `clients/${id}.${member}`);
      expect(line).toMatchObject({ outcome: 'not_imported', group: 'secret' });
      expect(line?.detail).toContain(detail);
    }
  });

  it('rejects one page of several', async () => {
    const page = { items: [aRow('a')], next_page_token: 'x' };
    const { code, err } = await imports.imported('hydra', { 'a.json': page });
    expect([code, err.includes('is one page of several')]).toEqual([1, true]);
  });
});
