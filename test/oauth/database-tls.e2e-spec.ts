import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import mysql from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { type Authority, anAuthority } from '../support/certificate.js';
import { DatabaseLine } from '../support/database-line.js';
import { NATIVE } from '../support/dialects.js';
import { bearer, form, get } from '../support/http.js';
import { launch } from '../support/launch.js';
import { READ_BOOK_1, registerLibrary } from '../support/library.js';
import { freePort } from '../support/port.js';
import { aClient } from '../support/registration.js';
import { hasScratchServer, ScratchDatabase } from '../support/scratch-database.js';
import { engine, startServer, type TestServer } from '../support/server.js';

const USER = 'encrypted_only';
/** The heartbeat, and at least one connection of each of the pools that the requests below use. */
const MIN_CONNECTIONS = 8;

let folder: string;
let database: ScratchDatabase;
let databaseUrl: string;
let plainUrl: string;
let ca: string;
let otherCa: string;
let authority: Authority;
let otherAuthority: Authority;

const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
);

const file = (name: string, text: string): string => {
  const place = join(folder, name);
  writeFileSync(place, text, { mode: 0o644 });
  return place;
};

beforeAll(async () => {
  if (engine !== 'mysql' || !hasScratchServer) return;
  // The database runs as another account.
  folder = mkdtempSync('/tmp/latchkey-tls-');
  chmodSync(folder, 0o755);
  authority = await anAuthority();
  const { cert, key } = await authority.sign('db.latchkey.test');
  ca = file('ca.pem', authority.cert);
  otherAuthority = await anAuthority('Other CA');
  otherCa = file('other.pem', otherAuthority.cert);
  database = await ScratchDatabase.start([
    `--ssl-ca=${ca}`,
    `--ssl-cert=${file('cert.pem', cert)}`,
    `--ssl-key=${file('key.pem', key)}`,
    ...(hasIpv6 ? ['--bind-address=127.0.0.1,::1'] : []),
  ]);
  plainUrl = await database.createDatabase();
  databaseUrl = await database.createUser(USER, 'a-sesame-of-it', 'REQUIRE SSL');
  await database.createUser('latchkey6', 'by-ipv6');
});
afterAll(async () => {
  await database?.stop();
  if (folder) rmSync(folder, { recursive: true });
});

const resetDatabase = () =>
  database.run('DROP DATABASE latchkey', 'CREATE DATABASE latchkey COLLATE utf8mb4_bin');

const settingsOf = (server: TestServer): Record<string, string> =>
  Object.fromEntries(
    Object.entries(server.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

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

/** Uses every pool, and the commands beside the server. */
async function useEverything(server: TestServer): Promise<void> {
  await registerLibrary(server);
  const client = await aClient(server)
    .withTokens({ refresh_token: true, token_quota: undefined })
    .withGrant('book:1:read')
    .register();
  const token = await client.token(NATIVE, READ_BOOK_1);
  expect((await get(`${server.url}/auth/verify?scope=book:1:read`, bearer(token))).status).toBe(200);
  const wrong = { grant_type: 'client_credentials', ...client.inBody, client_secret: 'not its secret' };
  expect((await form(server.url + NATIVE.token, wrong)).status).toBe(401);
  expect((await admin(server).get('/Session')).status).toBe(200);
  expect((await form(`${server.url}/auth/revoke`, { token }, client.basic)).status).toBe(200);
  const check = launch(settingsOf(server), 'audit-check.js');
  expect([await check.exited, check.stderr()]).toEqual([{ code: 0, signal: null }, '']);
}

describe('TLS to MySQL', { timeout: 120_000, skip: engine !== 'mysql' || !hasScratchServer }, () => {
  it.each([
    ['require', () => ''],
    ['verify', () => `&tls_ca=${ca}`],
    ['verify', () => `&tls_ca=${ca}&tls_name=db.latchkey.test`],
  ])('encrypts every connection that is opened with tls=%s (%#) (fault D1)', async (mode, more) => {
    const line = await DatabaseLine.open(databaseUrl);
    const url = `${line.databaseUrl}?tls=${mode}${more()}`;
    const server = await startServer({ databaseUrl: url, env: { LATCHKEY_FAILURES_PER_MINUTE: '20' } });
    try {
      await useEverything(server);
      expect(line.connections.length).toBeGreaterThanOrEqual(MIN_CONNECTIONS);
      const inClear = line.connections.filter(({ sent }) =>
        /encrypted_only|SELECT|INSERT/i.test(Buffer.concat(sent).toString('latin1')),
      );
      expect(inClear).toHaveLength(0);
      expect(server.stderr()).not.toContain('is not encrypted');
    } finally {
      await server.stop();
      line.close();
      await resetDatabase();
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
    ['the file of the authority is missing', () => '?tls=verify&tls_ca=/no/ca.pem', 'tls_ca: /no/ca.pem: '],
    [
      'the key is not that of the certificate',
      () => `?tls=require&tls_cert=${ca}&tls_key=${otherCa}`,
      'tls_key',
    ],
  ])('stops the start with one line where %s (fault D1)', async (_, parameters, words) => {
    const { code, stderr } = await startOn(databaseUrl + parameters());
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Latchkey cannot start: DATABASE_URL: [^\n]+\n$/);
    expect(stderr).toContain(words);
    expect(stderr).not.toContain('a-sesame-of-it');
  });

  it('names TLS instead of the password where the server requires TLS (fault D1)', async () => {
    await database.run('SET GLOBAL require_secure_transport = ON');
    try {
      const { code, stderr } = await startOn(plainUrl);
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /^Latchkey cannot start: DATABASE_URL: [^\n]+ requires TLS: add \?tls=verify \([^\n]+\n$/,
      );
    } finally {
      const connection = await mysql.createConnection({
        uri: database.url,
        ssl: { rejectUnauthorized: false },
      });
      await connection.query('SET GLOBAL require_secure_transport = OFF');
      await connection.end();
    }
  });

  it('presents the client certificate that the database requires, on every connection (fault D1)', async () => {
    const certificate = await authority.sign('latchkey.test');
    const other = await otherAuthority.sign('latchkey.test');
    const parameters = ({ cert, key }: { cert: string; key: string }, name: string) =>
      `?tls=verify&tls_ca=${ca}&tls_cert=${file(`${name}.pem`, cert)}&tls_key=${file(`${name}.key`, key)}`;
    const url = await database.createUser('certified', 'by-certificate', 'REQUIRE X509');
    const without = await startOn(`${url}?tls=verify&tls_ca=${ca}`);
    expect(without.code).toBe(1);
    expect(without.stderr).toMatch(
      /^Latchkey cannot start: DATABASE_URL: [^\n]+ asks for a client certificate \(tls_cert and tls_key\) [^\n]+\n$/,
    );
    const foreign = await startOn(url + parameters(other, 'other-client'));
    expect(foreign.code).toBe(1);
    expect(foreign.stderr).toMatch(
      /^Latchkey cannot start: DATABASE_URL: [^\n]+ rejects the client certificate \(tls_cert\) [^\n]+\n$/,
    );
    const server = await startServer({ databaseUrl: url + parameters(certificate, 'client') });
    try {
      await useEverything(server);
    } finally {
      await server.stop();
      await resetDatabase();
    }
  });

  it.runIf(hasIpv6).each([
    ['in plain text', () => ''],
    ['with tls=verify', () => `?tls=verify&tls_ca=${ca}`],
  ])('connects to an IPv6 host %s (fault D1)', async (_, parameters) => {
    const { port } = new URL(databaseUrl);
    const server = await startServer({
      databaseUrl: `mysql://latchkey6:by-ipv6@[::1]:${port}/latchkey${parameters()}`,
    });
    try {
      await useEverything(server);
    } finally {
      await server.stop();
      await resetDatabase();
    }
  });

  it('connects by a Unix socket (fault D1)', async () => {
    await database.run(
      "CREATE USER 'local'@'localhost' IDENTIFIED BY 'by-socket'",
      "GRANT ALL PRIVILEGES ON latchkey.* TO 'local'@'localhost'",
    );
    const server = await startServer({
      databaseUrl: `mysql://local:by-socket@localhost:1/latchkey?socket=${encodeURIComponent(database.socket)}`,
    });
    try {
      const client = await aClient(server).register();
      expect((await client.ask(NATIVE)).status).toBe(200);
    } finally {
      await server.stop();
    }
  });
});
