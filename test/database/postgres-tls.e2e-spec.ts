import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { type Authority, anAuthority } from '../support/certificate.js';
import { creationOf } from '../support/database.js';
import { DatabaseLine } from '../support/database-line.js';
import { NATIVE } from '../support/dialects.js';
import { form } from '../support/http.js';
import { launch } from '../support/launch.js';
import { READ_BOOK_1, registerLibrary } from '../support/library.js';
import { freePort } from '../support/port.js';
import { aClient } from '../support/registration.js';
import { hasScratchServer, ScratchDatabase } from '../support/scratch-database.js';
import { engine, startServer, type TestServer } from '../support/server.js';

const HBA = `local all all scram-sha-256
hostssl all encrypted_only all scram-sha-256
hostnossl all encrypted_only all reject
hostssl all certified all scram-sha-256 clientcert=verify-ca
host all latchkey all scram-sha-256
`;
/** The heartbeat, and at least one connection of each of the pools that the requests below use. */
const MIN_CONNECTIONS = 8;
const isRun = engine === 'postgres' && hasScratchServer;

const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
);

let folder: string;
let database: ScratchDatabase;
let ca: string;
let otherCa: string;
let authority: Authority;
let otherAuthority: Authority;

const file = (name: string, text: string): string => {
  const place = join(folder, name);
  writeFileSync(place, text);
  // Whatever the umask, which servers under test narrow.
  chmodSync(place, 0o644);
  return place;
};

/** PostgreSQL refuses a key that another account can read. */
function privateFile(name: string, text: string): string {
  const place = file(name, text);
  chmodSync(place, 0o600);
  if (process.getuid?.() === 0) execFileSync('chown', ['postgres', place]);
  return place;
}

beforeAll(async () => {
  if (!isRun) return;
  // The database runs as another account.
  folder = mkdtempSync('/tmp/latchkey-tls-');
  chmodSync(folder, 0o755);
  authority = await anAuthority();
  const { cert, key } = await authority.sign('db.latchkey.test');
  ca = file('ca.pem', authority.cert);
  otherAuthority = await anAuthority('Other CA');
  otherCa = file('other.pem', otherAuthority.cert);
  database = await ScratchDatabase.start([
    ...['ssl=on', `ssl_ca_file=${ca}`, `ssl_cert_file=${file('cert.pem', cert)}`],
    ...[`ssl_key_file=${privateFile('key.pem', key)}`, `hba_file=${file('hba.conf', HBA)}`],
    ...(hasIpv6 ? ['listen_addresses=127.0.0.1,::1'] : []),
  ]);
}, 120_000);
afterAll(async () => {
  await database?.stop();
  if (folder) rmSync(folder, { recursive: true });
});

/** The same server, with an empty database that belongs to this user. */
async function emptyDatabase(user: string): Promise<string> {
  const url = new URL(`${database.url}/latchkey`);
  await database.run('DROP DATABASE IF EXISTS latchkey WITH (FORCE)', creationOf('latchkey'));
  if (user === 'latchkey') return url.href;
  await database.run(
    `DROP ROLE IF EXISTS ${user}`,
    `CREATE ROLE ${user} LOGIN PASSWORD 'a-sesame-of-it'`,
    `ALTER DATABASE latchkey OWNER TO ${user}`,
  );
  url.username = user;
  url.password = 'a-sesame-of-it';
  return url.href;
}

/** Starts on this database; how it ended and what it said. */
async function startOn(url: string): Promise<{ code: number | null; stderr: string }> {
  const started = launch({
    PORT: String(await freePort()),
    DATABASE_URL: url,
    LATCHKEY_MASTER_KEY: randomBytes(32).toString('base64'),
    LATCHKEY_DATA_DIR: folder,
  });
  const { code } = await started.exited;
  return { code, stderr: started.stderr() };
}

/** Uses every pool. */
async function useEverything(server: TestServer): Promise<void> {
  await registerLibrary(server);
  const client = await aClient(server).withGrant('book:1:read').register();
  const token = await client.token(NATIVE, READ_BOOK_1);
  const wrong = { grant_type: 'client_credentials', ...client.inBody, client_secret: 'not its secret' };
  expect((await form(server.url + NATIVE.token, wrong)).status).toBe(401);
  expect((await admin(server).get('/Session')).status).toBe(200);
  expect((await form(`${server.url}/auth/revoke`, { token }, client.basic)).status).toBe(200);
}

async function servesOn(databaseUrl: string): Promise<void> {
  const server = await startServer({ databaseUrl, env: { LATCHKEY_FAILURES_PER_MINUTE: '20' } });
  try {
    await useEverything(server);
    expect(server.stderr()).not.toContain('"level":"error"');
  } finally {
    await server.stop();
  }
}

describe('TLS to PostgreSQL', { timeout: 120_000, skip: !isRun }, () => {
  it.each([
    ['require', () => ''],
    ['verify', () => `&tls_ca=${ca}`],
    ['verify', () => `&tls_ca=${ca}&tls_name=db.latchkey.test`],
  ])('encrypts every connection that is opened with tls=%s (%#) (fault D1)', async (mode, more) => {
    const line = await DatabaseLine.open(await emptyDatabase('encrypted_only'));
    try {
      await servesOn(`${line.databaseUrl}?tls=${mode}${more()}`);
      expect(line.connections.length).toBeGreaterThanOrEqual(MIN_CONNECTIONS);
      const inClear = line.connections.filter(({ sent }) =>
        /encrypted_only|SELECT|INSERT/i.test(Buffer.concat(sent).toString('latin1')),
      );
      expect(inClear).toHaveLength(0);
    } finally {
      line.close();
    }
  });

  it.each<[string, () => string, string]>([
    [
      'the authority is another one',
      () => `?tls=verify&tls_ca=${otherCa}`,
      'no trusted authority has signed',
    ],
    ['the system trusts no such authority', () => '?tls=verify', 'no trusted authority has signed'],
    [
      'the certificate is for another name',
      () => `?tls=verify&tls_ca=${ca}&tls_name=other.latchkey.test`,
      'has a certificate for another name',
    ],
    ['the user may not come in plain text', () => '', 'requires TLS: add ?tls=verify'],
  ])('stops the start with one line where %s (fault D1)', async (_, parameters, words) => {
    const { code, stderr } = await startOn((await emptyDatabase('encrypted_only')) + parameters());
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Latchkey cannot start: DATABASE_URL: [^\n]+\n$/);
    expect(stderr).toContain(words);
    expect(stderr).not.toContain('a-sesame-of-it');
  });

  it('presents the client certificate that the database requires (fault D1)', async () => {
    const parameters = ({ cert, key }: { cert: string; key: string }, name: string) =>
      `?tls=verify&tls_ca=${ca}&tls_cert=${file(`${name}.pem`, cert)}&tls_key=${file(`${name}.key`, key)}`;
    const url = await emptyDatabase('certified');
    const without = await startOn(`${url}?tls=verify&tls_ca=${ca}`);
    expect(without.stderr).toContain('asks for a client certificate (tls_cert and tls_key)');
    const foreign = await startOn(url + parameters(await otherAuthority.sign('x.test'), 'other-client'));
    expect([without.code, foreign.code]).toEqual([1, 1]);
    expect(foreign.stderr).toContain('rejects the client certificate (tls_cert)');
    await servesOn(url + parameters(await authority.sign('latchkey.test'), 'client'));
  });

  it.runIf(hasIpv6).each([
    ['in plain text', () => ''],
    ['with tls=verify', () => `?tls=verify&tls_ca=${ca}`],
  ])('connects to an IPv6 host %s (fault D1)', async (_, parameters) => {
    const url = new URL(await emptyDatabase('latchkey'));
    url.hostname = '[::1]';
    await servesOn(url.href + parameters());
  });

  it('connects by a Unix socket (fault D1)', async () => {
    const url = new URL(await emptyDatabase('latchkey'));
    url.port = '1';
    await servesOn(`${url.href}?socket=${encodeURIComponent(database.socket)}`);
  });
});
