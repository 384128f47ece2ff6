import mysql from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { NATIVE } from '../support/dialects.js';
import { aClient } from '../support/registration.js';
import { hasScratchServer } from '../support/scratch-database.js';
import { engine } from '../support/server.js';
import {
  encryptsAll,
  hasIpv6,
  servesOn,
  stopsWith,
  TLS_MODES,
  TlsDatabase,
} from '../support/tls-database.js';
import { verifiesEachHost } from '../support/verified-hosts.js';

const isRun = engine === 'mysql' && hasScratchServer;

let database: TlsDatabase;
let databaseUrl: string;
let plainUrl: string;

beforeAll(async () => {
  if (!isRun) return;
  database = await TlsDatabase.start((ca, cert, key) => [
    ...[`--ssl-ca=${ca}`, `--ssl-cert=${cert}`, `--ssl-key=${key}`],
    ...(hasIpv6 ? ['--bind-address=127.0.0.1,::1'] : []),
  ]);
  plainUrl = await database.server.createDatabase();
  databaseUrl = await database.server.createUser('encrypted_only', 'a-sesame-of-it', 'REQUIRE SSL');
  await database.server.createUser('latchkey6', 'by-ipv6');
}, 60_000);
afterAll(() => database?.stop());

const resetDatabase = () =>
  database.server.run('DROP DATABASE latchkey', 'CREATE DATABASE latchkey COLLATE utf8mb4_bin');

describe('TLS to MySQL', { timeout: 120_000, skip: !isRun }, () => {
  afterEach(resetDatabase);

  it.each(TLS_MODES)(
    'encrypts every connection that is opened with tls=%s (%#) (fault D1)',
    async (mode, more) => {
      await encryptsAll(databaseUrl, `?tls=${mode}${more(database.ca)}`);
    },
  );

  it.each<[string, () => string, string]>([
    [
      'the authority is another one',
      () => `?tls=verify&tls_ca=${database.otherCa}`,
      'no trusted authority has signed',
    ],
    ['the system trusts no such authority', () => '?tls=verify', 'no trusted authority has signed'],
    [
      'the certificate is for another name',
      () => `?tls=verify&tls_ca=${database.ca}&tls_name=other.latchkey.test`,
      'has a certificate for another name',
    ],
    ['the user may not come in plain text', () => '', 'requires TLS: add ?tls=verify'],
    ['the file of the authority is missing', () => '?tls=verify&tls_ca=/no/ca.pem', 'tls_ca: /no/ca.pem: '],
    [
      'the key is not that of the certificate',
      () => `?tls=require&tls_cert=${database.ca}&tls_key=${database.otherCa}`,
      'tls_key',
    ],
  ])('stops the start with one line where %s (fault D1)', async (_, parameters, words) => {
    await stopsWith(database, databaseUrl + parameters(), words);
  });

  it('names TLS instead of the password where the server requires TLS (fault D1)', async () => {
    await database.server.run('SET GLOBAL require_secure_transport = ON');
    try {
      await stopsWith(database, plainUrl, ' requires TLS: add ?tls=verify (');
    } finally {
      const connection = await mysql.createConnection({
        uri: database.server.url,
        ssl: { rejectUnauthorized: false },
      });
      await connection.query('SET GLOBAL require_secure_transport = OFF');
      await connection.end();
    }
  });

  it('presents the client certificate that the database requires, on every connection (fault D1)', async () => {
    const { ca, authority, otherAuthority } = database;
    const url = await database.server.createUser('certified', 'by-certificate', 'REQUIRE X509');
    await stopsWith(
      database,
      `${url}?tls=verify&tls_ca=${ca}`,
      ' asks for a client certificate (tls_cert and tls_key) ',
    );
    await stopsWith(
      database,
      url + (await database.certified(otherAuthority)),
      ' rejects the client certificate (tls_cert) ',
    );
    await servesOn(url + (await database.certified(authority)));
  });

  it.runIf(hasIpv6).each([
    ['in plain text', () => ''],
    ['with tls=verify', () => `?tls=verify&tls_ca=${database.ca}`],
  ])('connects to an IPv6 host %s (fault D1)', async (_, parameters) => {
    const { port } = new URL(databaseUrl);
    await servesOn(`mysql://latchkey6:by-ipv6@[::1]:${port}/latchkey${parameters()}`);
  });

  it('verifies the certificate of each host of a list by its own name (faults D1, F9)', async () => {
    await verifiesEachHost(database, databaseUrl);
  });

  it('connects by a Unix socket (fault D1)', async () => {
    await database.server.run(
      "CREATE USER 'local'@'localhost' IDENTIFIED BY 'by-socket'",
      "GRANT ALL PRIVILEGES ON latchkey.* TO 'local'@'localhost'",
    );
    const socket = encodeURIComponent(database.server.socket);
    await servesOn(`mysql://local:by-socket@localhost:1/latchkey?socket=${socket}`, async (server) => {
      const client = await aClient(server).register();
      expect((await client.ask(NATIVE)).status).toBe(200);
    });
  });
});
