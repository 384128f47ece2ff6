import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { admin } from './admin.js';
import { type Authority, anAuthority } from './certificate.js';
import { DatabaseLine, type LineConnection } from './database-line.js';
import { NATIVE } from './dialects.js';
import { bearer, form, get } from './http.js';
import { launch } from './launch.js';
import { READ_BOOK_1, registerLibrary } from './library.js';
import { freePort } from './port.js';
import { aClient } from './registration.js';
import { ScratchDatabase } from './scratch-database.js';
import { startServer, type TestServer } from './server.js';

/** The heartbeat, and at least one connection of each of the pools that `useEverything` uses. */
const MIN_CONNECTIONS = 8;

export const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
);

/** Ways to encrypt, each with its addition to `DATABASE_URL`. */
export const TLS_MODES: [string, (ca: string) => string][] = [
  ['require', () => ''],
  ['verify', (ca) => `&tls_ca=${ca}`],
  ['verify', (ca) => `&tls_ca=${ca}&tls_name=db.latchkey.test`],
];

export interface Started {
  code: number | null;
  stderr: string;
}

/** A database server with a certificate from the test's own authority. */
export class TlsDatabase {
  private constructor(
    private readonly folder: string,
    readonly server: ScratchDatabase,
    readonly authority: Authority,
    readonly otherAuthority: Authority,
    /** The PEM files of both authorities. */
    readonly ca: string,
    readonly otherCa: string,
  ) {}

  /** `options`: the arguments of the server for the files of its authority, certificate and key. */
  static async start(
    options: (ca: string, cert: string, key: string, fileOf: FileOf) => string[],
  ): Promise<TlsDatabase> {
    // The database runs under another account.
    const folder = mkdtempSync('/tmp/latchkey-tls-');
    chmodSync(folder, 0o755);
    const fileOf = filesIn(folder);
    const [authority, otherAuthority] = [await anAuthority(), await anAuthority('Other CA')];
    const { cert, key } = await authority.sign('db.latchkey.test');
    const ca = fileOf('ca.pem', authority.cert);
    const server = await ScratchDatabase.start(
      options(ca, fileOf('cert.pem', cert), fileOf('key.pem', key), fileOf),
    );
    return new TlsDatabase(
      folder,
      server,
      authority,
      otherAuthority,
      ca,
      fileOf('other.pem', otherAuthority.cert),
    );
  }

  /** The parameters that verify the server and present a client certificate of this authority. */
  async certified(authority: Authority): Promise<string> {
    const { cert, key } = await authority.sign('latchkey.test');
    const fileOf = filesIn(mkdtempSync(join(this.folder, 'client-')));
    return `?tls=verify&tls_ca=${this.ca}&tls_cert=${fileOf('cert.pem', cert)}&tls_key=${fileOf('key.pem', key)}`;
  }

  /** Starts on this database. Returns its exit status and output. */
  async startOn(url: string): Promise<Started> {
    const started = launch({
      PORT: String(await freePort()),
      DATABASE_URL: url,
      LATCHKEY_MASTER_KEY: randomBytes(32).toString('base64'),
      LATCHKEY_DATA_DIR: this.folder,
    });
    const { code } = await started.exited;
    return { code, stderr: started.stderr() };
  }

  async stop(): Promise<void> {
    await this.server.stop();
    rmSync(this.folder, { recursive: true });
  }
}

export type FileOf = (name: string, text: string) => string;

const filesIn =
  (folder: string): FileOf =>
  (name, text) => {
    const place = join(folder, name);
    writeFileSync(place, text);
    // Independent of the umask, which servers under test narrow.
    chmodSync(place, 0o644);
    return place;
  };

/** Starts a server on this database, and uses it. */
export async function servesOn(
  databaseUrl: string,
  use: (server: TestServer) => Promise<void> = useEverything,
): Promise<void> {
  const server = await startServer({ databaseUrl, env: { LATCHKEY_FAILURES_PER_MINUTE: '20' } });
  try {
    await use(server);
    expect(server.stderr()).not.toContain('"level":"error"');
  } finally {
    await server.stop();
  }
}

/** Expects that a server with these parameters encrypts all connections of its pools. */
export async function encryptsAll(databaseUrl: string, parameters: string): Promise<void> {
  const line = await DatabaseLine.open(databaseUrl);
  try {
    await servesOn(line.databaseUrl + parameters, async (server) => {
      await useEverything(server);
      expect(server.stderr()).not.toContain('is not encrypted');
    });
    expect(line.connections.length).toBeGreaterThanOrEqual(MIN_CONNECTIONS);
    expect(line.connections.filter(isPlain)).toHaveLength(0);
  } finally {
    line.close();
  }
}

const isPlain = ({ sent }: LineConnection): boolean =>
  /encrypted_only|SELECT|INSERT/i.test(Buffer.concat(sent).toString('latin1'));

/** Uses every pool, and the commands beside the server. */
export async function useEverything(server: TestServer): Promise<void> {
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
  const check = launch(server.env, 'audit-check.js');
  expect([await check.exited, check.stderr()]).toEqual([{ code: 0, signal: null }, '']);
}

/** Expects that a start on this database fails with one line that contains these words and no password. */
export async function stopsWith(database: TlsDatabase, url: string, words: string): Promise<void> {
  const { code, stderr } = await database.startOn(url);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^Latchkey cannot start: DATABASE_URL: [^\n]+\n$/);
  expect(stderr).toContain(words);
  expect(stderr).not.toContain('a-sesame-of-it');
}
