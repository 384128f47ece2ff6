import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../../../support/admin.js';
import { aSigningClient, INVALID_CLIENT, Signer } from '../../../support/assertions.js';
import { NATIVE } from '../../../support/dialects.js';
import { KeyServer, makeCertificate } from '../../../support/key-server.js';
import { registerLibrary } from '../../../support/library.js';
import { startServer, type TestServer } from '../../../support/server.js';
import { runSql } from '../../../support/sql.js';

const folder = mkdtempSync(join(tmpdir(), 'latchkey-ca-'));
const trust = join(folder, 'ca.pem');
let server: TestServer;
let place: KeyServer;
let signer: Signer;

beforeAll(async () => {
  const certificate = await makeCertificate();
  writeFileSync(trust, certificate.cert);
  place = await KeyServer.start(certificate);
  signer = await Signer.make();
  place.publish(signer.jwk);
  server = await startServer({ env: { NODE_EXTRA_CA_CERTS: trust } });
  await registerLibrary(server);
});

afterAll(async () => {
  await server.stop();
  await place.stop();
  rmSync(folder, { recursive: true });
});

/** Every spelling leads to this machine, or to a network of its own. */
const HOSTS = [
  '127.0.0.1',
  'localhost',
  '127.1',
  '2130706433',
  '0x7f000001',
  '0177.0.0.1',
  '0.0.0.0',
  '[::1]',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::127.0.0.1]',
  '[::2]',
];
const NETWORKS = [
  '10.0.0.1',
  '172.16.0.1',
  '192.168.0.1',
  '169.254.169.254',
  '100.64.0.1',
  '[fe80::1]',
  '[fd00::1]',
  '[64:ff9b::7f00:1]',
  '[::10.0.0.1]',
  '[2002:7f00:1::1]',
  '198.18.0.1',
];

/** As stored by an earlier version, or while the setting allowed it. */
async function aClientWithKeysAt(jwks_uri: string) {
  const client = await aSigningClient(server, { signer, jwks_uri: 'https://keys.example/jwks' });
  await runSql(server, `UPDATE client SET jwks_uri = '${jwks_uri}' WHERE id = '${client.id}'`);
  await runSql(server, 'UPDATE configuration_revision SET clients = clients + 1 WHERE id = 1');
  return client;
}

describe('jwks_uri without LATCHKEY_PRIVATE_JWKS_URI', () => {
  it.each([...HOSTS, ...NETWORKS])('reaches nothing at %s (K14, RFC 8725 3.10)', async (host) => {
    const client = await aClientWithKeysAt(place.uri(host));
    const began = performance.now();
    const answer = await client.ask(NATIVE);
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual(INVALID_CLIENT);
    // Refused, not tried in vain.
    expect(performance.now() - began).toBeLessThan(2900);
    expect(place.connections).toBe(0);
  });

  it.each([...HOSTS, ...NETWORKS].filter((host) => host !== 'localhost'))(
    'cannot name the address %s when it is written (K14, RFC 8725 3.10)',
    async (host) => {
      const members = { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: `https://${host}/jwks` };
      const answer = await admin(server).post('/Client', members);
      expect(answer.status).toBe(422);
      expect(answer.body.errors).toEqual([
        { path: 'jwks_uri', message: expect.stringMatching(/private.*LATCHKEY_PRIVATE_JWKS_URI=allow/) },
      ]);
    },
  );

  it.each(['http://keys.example/jwks', 'HTTP://keys.example/jwks'])(
    'cannot be %s (K14, RFC 8725 3.10)',
    async (jwks_uri) => {
      const members = { token_endpoint_auth_method: 'private_key_jwt', jwks_uri };
      const answer = await admin(server).post('/Client', members);
      expect(answer.status).toBe(422);
      expect(answer.body.errors).toEqual([{ path: 'jwks_uri', message: 'must start with https://' }]);
    },
  );

  it('says in the log which host was not permitted, and nothing else of it', async () => {
    const line = server
      .stderr()
      .split('\n')
      .filter((one) => one.includes('JWK Set fetch failed'))
      .map((one) => JSON.parse(one));
    expect(line[0]).toMatchObject({ host: `127.0.0.1:${place.port}`, reason: 'address not permitted' });
  });

  it('reaches it once the setting says so, and only over TLS that it trusts (K14, RFC 8725 3.10)', {
    timeout: 120_000,
  }, async () => {
    const client = await aClientWithKeysAt(place.uri());
    await server.restart({ LATCHKEY_PRIVATE_JWKS_URI: 'allow', NODE_EXTRA_CA_CERTS: undefined });
    expect((await client.ask(NATIVE)).body).toEqual(INVALID_CLIENT);
    expect(place.requests).toBe(0);
    await server.restart({ NODE_EXTRA_CA_CERTS: trust });
    expect((await client.ask(NATIVE)).status).toBe(200);
    await server.restart({ LATCHKEY_PRIVATE_JWKS_URI: 'deny' });
    const { requests } = place;
    expect((await client.ask(NATIVE)).body).toEqual(INVALID_CLIENT);
    expect(place.requests).toBe(requests);
  });
});
