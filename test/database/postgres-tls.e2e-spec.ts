import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectTo } from '../support/connection.js';
import { creationOf } from '../support/database.js';
import { DatabaseLine } from '../support/database-line.js';
import { NATIVE } from '../support/dialects.js';
import { form } from '../support/http.js';
import { READ_BOOK_1, registerLibrary } from '../support/library.js';
import { aClient } from '../support/registration.js';
import { hasScratchServer } from '../support/scratch-database.js';
import { engine } from '../support/server.js';
import { refusedInTime } from '../support/timed.js';
import {
  encryptsAll,
  hasIpv6,
  servesOn,
  stopsWith,
  TLS_MODES,
  TlsDatabase,
} from '../support/tls-database.js';
import { verifiesEachHost } from '../support/verified-hosts.js';

const HBA = `local all all scram-sha-256
hostssl all encrypted_only all scram-sha-256
hostnossl all encrypted_only all reject
hostssl all certified all scram-sha-256 clientcert=verify-ca
host all latchkey all scram-sha-256
`;
const CANCEL_REQUEST = Buffer.from([0, 0, 0, 16, 0x04, 0xd2, 0x16, 0x2e]);
const WAITING = `SELECT COUNT(*) AS waiting FROM pg_stat_activity
  WHERE datname = CURRENT_DATABASE() AND wait_event_type = 'Lock'`;
const isRun = engine === 'postgres' && hasScratchServer;

let database: TlsDatabase;

/** PostgreSQL refuses a key that another account can read. */
function makePrivate(key: string): string {
  chmodSync(key, 0o600);
  if (process.getuid?.() === 0) execFileSync('chown', ['postgres', key]);
  return key;
}

beforeAll(async () => {
  if (!isRun) return;
  database = await TlsDatabase.start((ca, cert, key, fileOf) => [
    ...['ssl=on', `ssl_ca_file=${ca}`, `ssl_cert_file=${cert}`, `ssl_key_file=${makePrivate(key)}`],
    `hba_file=${fileOf('hba.conf', HBA)}`,
    ...(hasIpv6 ? ['listen_addresses=127.0.0.1,::1'] : []),
  ]);
}, 120_000);
afterAll(() => database?.stop());

/** The same server, with an empty database that belongs to this user. */
async function emptyDatabase(user: string): Promise<string> {
  const { server } = database;
  const url = new URL(`${server.url}/latchkey`);
  await server.run('DROP DATABASE IF EXISTS latchkey WITH (FORCE)', creationOf('latchkey'));
  if (user === 'latchkey') return url.href;
  await server.run(
    `DROP ROLE IF EXISTS ${user}`,
    `CREATE ROLE ${user} LOGIN PASSWORD 'a-sesame-of-it'`,
    `ALTER DATABASE latchkey OWNER TO ${user}`,
  );
  url.username = user;
  url.password = 'a-sesame-of-it';
  return url.href;
}

describe('TLS to PostgreSQL', { timeout: 120_000, skip: !isRun }, () => {
  it.each(TLS_MODES)(
    'encrypts every connection that is opened with tls=%s (%#) (fault D1)',
    async (mode, more) => {
      await encryptsAll(await emptyDatabase('encrypted_only'), `?tls=${mode}${more(database.ca)}`);
    },
  );

  it.each([
    ['encrypted, with TLS', 'encrypted_only', () => `?tls=verify&tls_ca=${database.ca}`, 0],
    ['in plain text, without', 'latchkey', () => '', 1],
  ])('cancels an abandoned statement %s (fault D1)', async (_, user, parameters, plain) => {
    const url = await emptyDatabase(user);
    const line = await DatabaseLine.open(url);
    try {
      await servesOn(line.databaseUrl + parameters(), async (server) => {
        await registerLibrary(server);
        const client = await aClient(server).withGrant('book:1:read').register();
        const token = await client.token(NATIVE, READ_BOOK_1);
        const other = await connectTo(`${database.server.url}/latchkey`);
        try {
          await other.all('START TRANSACTION');
          await other.all('LOCK TABLE session IN ACCESS EXCLUSIVE MODE');
          await refusedInTime('introspect', form(`${server.url}/auth/introspect`, { token }, client.basic));
          await expect.poll(async () => Number((await other.all(WAITING))[0]?.waiting)).toBe(0);
        } finally {
          await other.close();
        }
      });
      const inPlain = line.connections.filter(({ sent }) => Buffer.concat(sent).includes(CANCEL_REQUEST));
      expect(Math.min(inPlain.length, 1)).toBe(plain);
    } finally {
      line.close();
    }
  });

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
  ])('stops the start with one line where %s (fault D1)', async (_, parameters, words) => {
    await stopsWith(database, (await emptyDatabase('encrypted_only')) + parameters(), words);
  });

  it('presents the client certificate that the database requires (fault D1)', async () => {
    const { ca, authority, otherAuthority } = database;
    const url = await emptyDatabase('certified');
    await stopsWith(
      database,
      `${url}?tls=verify&tls_ca=${ca}`,
      'asks for a client certificate (tls_cert and tls_key)',
    );
    await stopsWith(
      database,
      url + (await database.certified(otherAuthority)),
      'rejects the client certificate (tls_cert)',
    );
    await servesOn(url + (await database.certified(authority)));
  });

  it.runIf(hasIpv6).each([
    ['in plain text', () => ''],
    ['with tls=verify', () => `?tls=verify&tls_ca=${database.ca}`],
  ])('connects to an IPv6 host %s (fault D1)', async (_, parameters) => {
    const url = new URL(await emptyDatabase('latchkey'));
    url.hostname = '[::1]';
    await servesOn(url.href + parameters());
  });

  it('verifies the certificate of each host of a list by its own name (faults D1, F9)', async () => {
    await verifiesEachHost(database, await emptyDatabase('encrypted_only'));
  });

  it('connects by a Unix socket (fault D1)', async () => {
    const url = new URL(await emptyDatabase('latchkey'));
    url.port = '1';
    await servesOn(`${url.href}?socket=${encodeURIComponent(database.server.socket)}`);
  });
});
