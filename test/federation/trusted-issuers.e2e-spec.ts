import { beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { Signer } from '../support/assertions.js';
import { basic } from '../support/http.js';
import { makeCertificate } from '../support/key-server.js';
import { useLibrary } from '../support/library.js';
import { aClient } from '../support/registration.js';
import { startServer, type TestServer } from '../support/server.js';

const library = useLibrary();
let rest: Admin;
let jwk: object;

beforeAll(async () => {
  rest = admin(library.server);
  jwk = (await Signer.make('ES256')).jwk;
});

const ISSUER = 'https://token.example/';

describe('TrustedIssuer', () => {
  it('is created, read, listed, patched, replaced and deleted, each change with an event', async () => {
    const members = {
      name: 'Builds',
      description: 'Jobs of the build system',
      issuer: 'https://builds.example',
      jwks: { keys: [jwk] },
      algs: ['ES256'],
      audiences: ['https://api.example'],
      max_lifetime_seconds: 900,
      replay: 'reuse',
      shared: true,
      pins: ['repository_owner_id', '/kubernetes.io/namespace'],
    };
    const created = await rest.post('/TrustedIssuer', { id: 'builds', ...members });
    expect(created.status).toBe(201);
    expect(created.headers.get('location')).toBe('/TrustedIssuer/builds');
    const { meta, ...document } = created.body;
    expect(document).toEqual({ resourceType: 'TrustedIssuer', id: 'builds', ...members });
    expect(meta.versionId).toBe('1');
    expect((await rest.get('/TrustedIssuer/builds')).body).toEqual(created.body);
    const listed = await rest.get(
      '/TrustedIssuer?issuer=https://builds.example&shared=true&_elements=issuer',
    );
    expect(listed.body).toMatchObject({ total: 1, entry: [{ resource: { issuer: members.issuer } }] });
    const patched = await rest.patch('/TrustedIssuer/builds', { description: null, replay: 'once' });
    expect(patched.body).toMatchObject({ replay: 'once', meta: { versionId: '2' } });
    expect(patched.body).not.toHaveProperty('description');
    const same = await rest.put('/TrustedIssuer/builds', patched.body);
    expect(same.body.meta.versionId).toBe('2');
    const put = await rest.put('/TrustedIssuer/builds', { issuer: members.issuer });
    expect(put.body).toEqual({
      resourceType: 'TrustedIssuer',
      id: 'builds',
      meta: expect.objectContaining({ versionId: '3' }),
      issuer: members.issuer,
      replay: 'once',
      shared: false,
    });
    expect((await rest.delete('/TrustedIssuer/builds')).status).toBe(204);
    expect((await rest.get('/TrustedIssuer/builds')).status).toBe(404);
    const events = await rest.get('/AuditEvent?_sort=id&_count=1000');
    const actions = events.body.entry.map(({ resource }: any) => resource.action);
    expect(actions.filter((action: string) => action.startsWith('trusted-issuer.'))).toEqual([
      'trusted-issuer.create',
      'trusted-issuer.update',
      'trusted-issuer.update',
      'trusted-issuer.delete',
    ]);
  });

  it.each([
    [{}, ['issuer']],
    [{ issuer: 'http://builds.example' }, ['issuer']],
    [{ issuer: 'https://builds.example?x' }, ['issuer']],
    [{ issuer: 'https://u:p@builds.example' }, ['issuer']],
    [{ issuer: 'https://10.0.0.1' }, ['jwks_uri']],
    [{ issuer: 'spiffe://example.org' }, ['jwks_uri']],
    [{ issuer: 'spiffe://example.org/path', jwks_uri: 'https://a.example' }, ['issuer']],
    [{ issuer: 'SPIFFE://Example.org', jwks_uri: 'https://a.example' }, ['issuer']],
    [{ issuer: ISSUER, jwks_uri: 'http://a.example' }, ['jwks_uri']],
    [{ issuer: ISSUER, jwks_uri: 'https://127.0.0.1/keys' }, ['jwks_uri']],
    [{ issuer: ISSUER, jwks_uri: 'https://a.example', jwks: { keys: [] } }, ['jwks_uri']],
    [{ issuer: ISSUER, jwks: { keys: [{ kty: 'oct', k: 'AA' }] } }, ['jwks.keys[0].k', 'jwks.keys[0].kty']],
    [{ issuer: ISSUER, jwks: { keys: [] }, ca: 'x' }, ['ca']],
    [{ issuer: ISSUER, ca: 'not a certificate' }, ['ca']],
    [{ issuer: ISSUER, ca: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' }, ['ca']],
    [{ issuer: ISSUER, algs: ['HS256', 'none'] }, ['algs[0]', 'algs[1]']],
    [{ issuer: ISSUER, algs: [] }, ['algs']],
    [{ issuer: ISSUER, audiences: [] }, ['audiences']],
    [{ issuer: ISSUER, audiences: ['a b'] }, ['audiences[0]']],
    [{ issuer: ISSUER, max_lifetime_seconds: 0 }, ['max_lifetime_seconds']],
    [{ issuer: ISSUER, replay: 'never' }, ['replay']],
    [{ issuer: ISSUER, shared: true }, ['pins']],
    [{ issuer: ISSUER, pins: ['sub'] }, ['pins']],
    [{ issuer: ISSUER, shared: true, pins: ['/a~2'] }, ['pins[0]']],
    [{ issuer: ISSUER, keys: [] }, ['keys']],
  ])('rejects %j', async (members, paths) => {
    const { status, body } = await rest.put('/TrustedIssuer/wrong', members);
    expect(status).toBe(422);
    expect(body.errors.map(({ path }: any) => path)).toEqual(paths);
  });

  it('accepts certificates in PEM, on several lines', async () => {
    const { cert } = await makeCertificate();
    const body = { issuer: 'https://cluster.example', jwks_uri: 'https://cluster.example/keys', ca: cert };
    expect((await rest.put('/TrustedIssuer/cluster', body)).body.ca).toBe(cert);
  });

  it('is never an issuer of this server, whose own tokens would authenticate clients', async () => {
    const server = await startServer({ env: { LATCHKEY_PUBLIC_URL: 'https://auth.example' } });
    try {
      for (const issuer of ['https://auth.example/', 'https://auth.example', 'https://auth.example/oidc']) {
        const { status, body } = await admin(server).put('/TrustedIssuer/own', { issuer });
        expect([status, body.errors[0].path]).toEqual([422, 'issuer']);
      }
    } finally {
      await server.stop();
    }
  });

  it('has a unique issuer', async () => {
    await rest.put('/TrustedIssuer/one', { issuer: 'https://one.example' });
    const { status, body } = await rest.put('/TrustedIssuer/two', { issuer: 'https://one.example' });
    expect([status, body.detail]).toEqual([409, 'https://one.example is the issuer of TrustedIssuer/one']);
  });

  it('cannot change its issuer or be deleted while clients have rules on it', async () => {
    await rest.put('/TrustedIssuer/used', { issuer: 'https://used.example' });
    const federated = [{ issuer: 'https://used.example', subject: 'a' }];
    await rest.put('/Client/its-client', { federated });
    const deleted = await rest.delete('/TrustedIssuer/used');
    expect([deleted.status, deleted.body.clients]).toEqual([409, ['its-client']]);
    expect((await rest.put('/TrustedIssuer/used', { issuer: 'https://evil.example' })).status).toBe(409);
    await rest.delete('/Client/its-client');
    expect((await rest.delete('/TrustedIssuer/used')).status).toBe(204);
  });
});

describe('Client.federated', () => {
  beforeAll(async () => {
    await rest.put('/TrustedIssuer/plain', { issuer: 'https://plain.example' });
    await rest.put('/TrustedIssuer/shared', {
      issuer: 'https://shared.example',
      shared: true,
      pins: ['owner_id', 'sub'],
    });
  });

  it.each([
    ['a rule without an issuer', { subject: 'a' }, ['federated[0].issuer']],
    [
      'an issuer that is not registered',
      { issuer: 'https://other.example', subject: 'a' },
      ['federated[0].issuer'],
    ],
    ['a rule without a subject', { issuer: 'plain' }, ['federated[0].subject']],
    ['three wildcards in a row', { issuer: 'plain', subject: 'a***' }, ['federated[0].subject']],
    ['a rule for every token', { issuer: 'plain', subject: '**' }, ['federated[0].subject']],
    [
      'claims that are not values',
      { issuer: 'plain', subject: 'a', claims: { x: {}, '/https://a/b': 'c' } },
      ['federated[0].claims.x', 'federated[0].claims./https://a/b'],
    ],
    ['an unknown member', { issuer: 'plain', subject: 'a', audience: 'x' }, ['federated[0].audience']],
    ['no pin of a shared issuer', { issuer: 'shared', subject: 'repo:acme/**' }, ['federated[0].claims']],
    [
      'another claim than a pin of a shared issuer',
      { issuer: 'https://shared.example', subject: 'repo:acme/**', claims: { owner: 'acme' } },
      ['federated[0].claims'],
    ],
  ])('rejects %s', async (_what, rule, paths) => {
    const { status, body } = await rest.put('/Client/wrong', { federated: [rule] });
    expect(status).toBe(422);
    expect(body.errors.map(({ path }: any) => path).sort()).toEqual([...paths].sort());
  });

  it('is accepted with a pin, or with an exact subject where that is one', async () => {
    const federated = [
      { issuer: 'shared', subject: 'repo:acme/**', claims: { owner_id: ['65', '66'] } },
      { issuer: 'shared', subject: 'repo:acme/app:ref:refs/heads/main' },
    ];
    const { status, body } = await rest.put('/Client/pinned', { federated });
    expect([status, body.federated]).toEqual([201, federated]);
    const same = await rest.put('/Client/pinned', { federated });
    expect(same.body.meta.versionId).toBe(body.meta.versionId);
    const { body: refused, status: code } = await rest.patch('/TrustedIssuer/shared', { pins: ['owner_id'] });
    expect([code, refused.errors[0].path]).toEqual([422, 'pins']);
  });

  it('ends with a PUT that leaves it out, and shows in the document until then', async () => {
    await rest.put('/Client/changing', { federated: [{ issuer: 'plain', subject: 'a' }] });
    expect((await rest.patch('/Client/changing', { federated: null })).body).not.toHaveProperty('federated');
    expect((await rest.put('/Client/changing', { federated: [] })).body).not.toHaveProperty('federated');
  });
});

describe('The writer of a TrustedIssuer', () => {
  const member = async (server: TestServer, ...grants: string[]) => {
    const client = await aClient(server)
      .with({ grant_types: ['basic', 'client_credentials'] })
      .withGrant(...grants)
      .register();
    return admin(server, basic(client.id, client.secret));
  };

  it('needs the permission of each operation', async () => {
    const { server } = library;
    await rest.put('/TrustedIssuer/guarded', { issuer: 'https://guarded.example' });
    const reader = await member(server, 'TrustedIssuer:guarded:read');
    expect((await reader.get('/TrustedIssuer/guarded')).status).toBe(200);
    expect((await reader.get('/TrustedIssuer')).status).toBe(403);
    expect((await reader.patch('/TrustedIssuer/guarded', { name: 'x' })).status).toBe(403);
    expect((await reader.delete('/TrustedIssuer/guarded')).status).toBe(403);
    expect((await reader.post('/TrustedIssuer', { issuer: 'https://new.example' })).status).toBe(403);
    const everything = await aClient(server)
      .with({ grant_types: ['basic'] })
      .withEverything()
      .register();
    const all = admin(server, basic(everything.id, everything.secret));
    expect((await all.get('/TrustedIssuer/guarded')).status).toBe(403);
  });

  it('must hold what every client with a rule on it holds', async () => {
    const { server } = library;
    await rest.put('/TrustedIssuer/strong', { issuer: 'https://strong.example' });
    await aClient(server)
      .with({ federated: [{ issuer: 'strong', subject: 'a' }] })
      .withGrant('book:*:write')
      .register();
    const writer = await member(server, 'TrustedIssuer:*:*');
    const refused = await writer.patch('/TrustedIssuer/strong', { jwks: { keys: [jwk] } });
    expect(refused.status).toBe(403);
    expect((await writer.patch('/TrustedIssuer/strong', { name: 'harmless' })).status).toBe(200);
    const stronger = await member(server, 'TrustedIssuer:*:*', 'book:*:*');
    expect((await stronger.patch('/TrustedIssuer/strong', { jwks: { keys: [jwk] } })).status).toBe(200);
  });

  it('must hold what a client holds to give it a rule', async () => {
    const { server } = library;
    await rest.put('/TrustedIssuer/mine', { issuer: 'https://mine.example' });
    const { id } = await aClient(server).withGrant('book:*:write').register();
    const writer = await member(server, 'Client:*:*', 'TrustedIssuer:*:*');
    const refused = await writer.patch(`/Client/${id}`, { federated: [{ issuer: 'mine', subject: 'a' }] });
    expect(refused.status).toBe(403);
  });
});
