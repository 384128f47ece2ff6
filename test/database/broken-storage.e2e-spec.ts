import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { lockDatabase } from '../support/database-lock.js';
import { NATIVE } from '../support/dialects.js';
import { type Answer, bearer, form, get } from '../support/http.js';
import { aClient, type TestClient } from '../support/registration.js';
import { engine, startServer, type TestServer } from '../support/server.js';

const preload = fileURLToPath(new URL('../support/fail-statement.mjs', import.meta.url));
/** The server gives up after two seconds; the rest is for a busy machine. */
const MAX_ANSWER_MS = 4000;
const FILES = ['latchkey.sqlite', 'latchkey.sqlite-wal', 'latchkey.sqlite-shm'];

let folder: string;
let server: TestServer;
let client: TestClient;
let reader: TestClient;
let token: string;

const writes = (): Promise<Answer>[] => [
  client.ask(NATIVE),
  form(`${server.url}/auth/revoke`, { token }, client.basic),
  admin(server).put('/Client/written-meanwhile', {}),
];

async function refuses(asked: Promise<Answer>): Promise<void> {
  const before = performance.now();
  const { status, headers } = await asked;
  expect([status, headers.get('retry-after')]).toEqual([503, '1']);
  expect(performance.now() - before).toBeLessThan(MAX_ANSWER_MS);
}

const isActive = async () =>
  (await form(`${server.url}/auth/introspect`, { token }, reader.basic)).body.active;

async function isNotReady(status: string): Promise<void> {
  const { status: code, body } = await get(`${server.url}/health/ready`);
  expect([code, body]).toEqual([503, { status, check: 'write' }]);
}

async function servesAgain(): Promise<void> {
  await expect.poll(async () => (await client.ask(NATIVE)).status, { timeout: 5000 }).toBe(200);
  await expect
    .poll(async () => (await get(`${server.url}/health/ready`)).status, { timeout: 5000 })
    .toBe(200);
  // A connection that failed twice is tried again half a second later.
  await expect
    .poll(async () => (await admin(server).put('/Client/written-after', {})).status, { timeout: 5000 })
    .toBeLessThan(300);
  expect(await isActive()).toBe(true);
}

describe('A SQLite file whose storage fails', { timeout: 60_000, skip: engine !== 'sqlite' }, () => {
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-storage-'));
    const env = { NODE_OPTIONS: `--import=${preload}`, FAULT_FILE: join(folder, 'fault.json') };
    server = await startServer({ env });
    client = await aClient(server).register();
    reader = await aClient(server).withGrant('Session:*:introspect').register();
    token = await client.token(NATIVE);
  });
  afterEach(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('rejects writes on a full disk immediately, keeps reading, and recovers when there is space (fault F4)', async () => {
    const full = join(folder, 'fault.json');
    writeFileSync(full, JSON.stringify({ fail: '^COMMIT', always: true }));
    for (const asked of writes()) await refuses(asked);
    for (const asked of writes()) await refuses(asked);
    expect(await isActive()).toBe(true);
    expect((await get(`${server.url}/Session?_count=1`, bearer(token))).status).toBe(200);
    await isNotReady('the database is out of disk space');
    rmSync(full);
    await servesAgain();
  });

  it("bounds the wait for another process's lock below three seconds (fault F4)", async () => {
    const unlock = lockDatabase(server);
    await Promise.all([...writes(), ...writes()].map(refuses)).finally(unlock);
    await servesAgain();
  });

  it('rejects writes while the file is missing, and recovers when it is back (fault F5)', async () => {
    const away = join(folder, 'away');
    mkdirSync(away);
    const move = (from: string, to: string) => {
      for (const file of FILES) renameSync(join(from, file), join(to, file));
    };
    move(server.dataDir, away);
    for (const asked of writes()) await refuses(asked);
    await isNotReady('the database file was moved or deleted');
    move(away, server.dataDir);
    await servesAgain();
  });

  it('ends with one line when the file was replaced by another one (fault F5)', async () => {
    const file = join(server.dataDir, 'latchkey.sqlite');
    copyFileSync(file, `${file}.copy`);
    renameSync(`${file}.copy`, file);
    for (const asked of writes()) await refuses(asked);
    expect(await server.ended()).toEqual({ code: 1, signal: null });
    expect(server.stderr()).toMatch(/\nLatchkey stopped: the database file \S+ was replaced/);
  });
});
