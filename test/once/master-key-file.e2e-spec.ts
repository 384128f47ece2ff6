import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { NATIVE } from '../support/dialects.js';
import { launch } from '../support/launch.js';
import { rememberSecret } from '../support/leaks.js';
import { READ_BOOK_1, registerLibrary } from '../support/library.js';
import { rotateMasterKey, sealingKeys, startRotation } from '../support/master-key.js';
import { aClient, type TestClient } from '../support/registration.js';
import { openRows } from '../support/rows.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
let asker: TestClient;
let file: string;

const keysInFile = () => {
  const keys = readFileSync(file, 'utf8').trim().split('\n');
  keys.forEach(rememberSecret);
  return keys;
};
const works = async () => expect((await asker.ask(NATIVE, READ_BOOK_1)).status).toBe(200);
const leftovers = () => readdirSync(server.dataDir).filter((name) => /^master\.key./.test(name));

beforeEach(async () => {
  server = await startServer({ env: { LATCHKEY_MASTER_KEY: undefined } });
  file = join(server.dataDir, 'master.key');
  await registerLibrary(server);
  asker = await aClient(server).withTokens({ token_format: 'jwt' }).withGrant('book:*:read').register();
}, 60_000);
afterEach(async () => {
  await server?.stop();
});

describe('Rotation of the master key in the data directory', { timeout: 60_000 }, () => {
  it('generates a new key, reseals everything under it and replaces the old one, while the server runs', async () => {
    const [before] = keysInFile();
    const { exit, stdout, stderr } = await rotateMasterKey(server);
    expect({ exit, stderr }).toEqual({ exit: { code: 0, signal: null }, stderr: '' });
    const after = keysInFile();
    expect(after).toHaveLength(1);
    expect(after[0]).not.toBe(before);
    expect(stdout).not.toContain(after[0]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(leftovers()).toEqual([]);
    await works();
    // The server finds the new key by itself: what it makes from now on is sealed under it.
    expect((await admin(server).post('/SigningKey/$rotate', { immediately: true })).status).toBe(200);
    await works();
    expect(await sealingKeys(server)).toHaveLength(1);
    await server.restart();
    await works();
  });

  it('accepts a given key', async () => {
    const given = randomBytes(32).toString('base64');
    rememberSecret(given);
    expect((await rotateMasterKey(server, { LATCHKEY_NEW_MASTER_KEY: given })).exit.code).toBe(0);
    expect(keysInFile()).toEqual([given]);
    await server.restart();
    await works();
  });

  it('keeps both keys in the file until the database is sealed under the new one', async () => {
    const [before] = keysInFile();
    const rows = await openRows(server);
    await rows.all('BEGIN IMMEDIATE');
    const { child, exited } = startRotation(server);
    await expect.poll(() => keysInFile().length, { timeout: 30_000 }).toBe(2);
    child.kill('SIGKILL');
    await exited;
    await rows.all('ROLLBACK');
    await rows.close();
    expect(keysInFile()).toEqual([expect.any(String), before]);
    await server.restart();
    await works();
    expect((await rotateMasterKey(server)).exit.code).toBe(0);
    expect(keysInFile()).toHaveLength(1);
    await server.restart();
    await works();
  });

  it('resumes after dying between the database and the file', async () => {
    const [before] = keysInFile();
    expect((await rotateMasterKey(server)).exit.code).toBe(0);
    writeFileSync(file, `${keysInFile()[0]}\n${before}\n`);
    await server.restart();
    await works();
  });

  it('leaves one key in the database and a file that contains it, after SIGKILL at any moment', async () => {
    for (let round = 0; round < 6; round++) {
      const { child, exited } = startRotation(server);
      await sleep(150 + Math.random() * 300);
      child.kill('SIGKILL');
      await exited;
      expect(await sealingKeys(server)).toHaveLength(1);
      await server.restart();
      await works();
    }
    expect((await rotateMasterKey(server)).exit.code).toBe(0);
    expect(keysInFile()).toHaveLength(1);
    await works();
  });

  it('runs concurrent rotations one after another', async () => {
    const both = await Promise.all([rotateMasterKey(server), rotateMasterKey(server)]);
    expect(both.map(({ exit }) => exit.code)).toEqual([0, 0]);
    expect(keysInFile()).toHaveLength(1);
    await server.restart();
    await works();
  });

  it('creates no database', async () => {
    const elsewhere = join(server.dataDir, 'elsewhere');
    const { exit, stderr } = await rotateMasterKey(server, { LATCHKEY_DATA_DIR: elsewhere });
    expect(exit.code).toBe(1);
    expect(stderr).toMatch(/^The master key was not rotated: DATABASE_URL: database file .+ not found\n$/);
    expect(existsSync(elsewhere)).toBe(false);
  });
});

describe('Start without the right master key in the data directory', { timeout: 60_000 }, () => {
  async function failedStart(): Promise<string> {
    await server.kill();
    const started = launch(JSON.parse(JSON.stringify({ ...server.env, LATCHKEY_LOG_LEVEL: 'silent' })));
    expect(await started.exited).toEqual({ code: 1, signal: null });
    expect(started.stdout()).toBe('');
    return started.stderr();
  }

  it('stops with one line when the file is missing, and generates no other key', async () => {
    const kept = keysInFile();
    rmSync(file);
    expect(await failedStart()).toMatch(
      /^Latchkey cannot start: LATCHKEY_MASTER_KEY: is not set and .+master\.key is missing, but .+\n$/,
    );
    expect(existsSync(file)).toBe(false);
    writeFileSync(file, `${kept[0]}\n`);
    await server.restart();
    await works();
  });

  it.each(['', 'half', `${'A'.repeat(43)}=x`])(
    'stops with one line when the file contains %j',
    async (text) => {
      writeFileSync(file, text);
      expect(await failedStart()).toMatch(
        /^Latchkey cannot start: LATCHKEY_DATA_DIR: .+ 32 bytes in Base64\n$/,
      );
    },
  );

  it('stops with one line when the file contains another key', async () => {
    writeFileSync(file, `${randomBytes(32).toString('base64')}\n`);
    expect(await failedStart()).toMatch(
      /^Latchkey cannot start: LATCHKEY_MASTER_KEY: .+master\.key is not the master key of this database: .+ was sealed with another master key\n$/,
    );
  });
});
