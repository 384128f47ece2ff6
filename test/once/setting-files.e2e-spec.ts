import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { basic, get } from '../support/http.js';
import { launch } from '../support/launch.js';
import { rememberSecret } from '../support/leaks.js';
import { newMasterKey, rotateMasterKey, sealingKeys } from '../support/master-key.js';
import { startServer, type TestServer } from '../support/server.js';

let folder: string;
let server: TestServer | undefined;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-setting-files-'));
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function aFile(text: string): string {
  const file = join(folder, randomBytes(8).toString('hex'));
  writeFileSync(file, text);
  return file;
}

const secretOf = () => {
  const secret = randomBytes(24).toString('hex');
  rememberSecret(secret);
  return secret;
};

const lists = async (at: TestServer, secret: string) =>
  (await get(`${at.url}/Client`, basic('root', secret))).status;

describe('Secret settings', { timeout: 60_000 }, () => {
  it('are read from files with a trailing line break, with workers too (fault C4)', async () => {
    const secret = secretOf();
    server = await startServer({
      env: {
        LATCHKEY_MASTER_KEY: undefined,
        LATCHKEY_MASTER_KEY_FILE: aFile(`${newMasterKey()}\n`),
        LATCHKEY_ADMIN_CLIENT_SECRET: undefined,
        LATCHKEY_ADMIN_CLIENT_SECRET_FILE: aFile(`${secret}\r\n`),
        LATCHKEY_WORKERS: '2',
      },
    });
    expect(await lists(server, secret)).toBe(200);
    expect(readdirSync(server.dataDir)).not.toContain('master.key');
    expect(server.stderr()).not.toContain('unknown settings ignored');
  });

  it("lose a trailing line break, as does the database's address (fault C4)", async () => {
    const secret = secretOf();
    server = await startServer({ env: { LATCHKEY_ADMIN_CLIENT_SECRET: secret } });
    await admin(server).put('/Client/kept', {});
    const withBreaks = Object.fromEntries(
      ['LATCHKEY_ADMIN_CLIENT_SECRET', 'LATCHKEY_MASTER_KEY', 'LATCHKEY_DATA_DIR', 'DATABASE_URL', 'HOST']
        .filter((name) => server?.env[name] !== undefined)
        .map((name) => [name, `${server?.env[name]}\n`]),
    );
    await server.restart(withBreaks);
    expect((await get(`${server.url}/Client/kept`, basic('root', secret))).status).toBe(200);
  });

  it('allow rotating to a master key in a file (fault C4)', async () => {
    server = await startServer();
    const before = await sealingKeys(server);
    const { exit, stderr } = await rotateMasterKey(server, {
      LATCHKEY_NEW_MASTER_KEY_FILE: aFile(`${newMasterKey()}\n`),
    });
    expect({ exit, stderr }).toEqual({ exit: { code: 0, signal: null }, stderr: '' });
    expect(await sealingKeys(server)).not.toEqual(before);
  });

  it('stop the start with one line that names an invalid file (fault C4)', async () => {
    for (const name of ['DATABASE_URL', 'LATCHKEY_MASTER_KEY', 'LATCHKEY_ADMIN_CLIENT_SECRET']) {
      for (const env of [
        { [`${name}_FILE`]: join(folder, 'absent') },
        { [`${name}_FILE`]: aFile('one\ntwo') },
        { [`${name}_FILE`]: aFile('\n') },
        { [`${name}_FILE`]: aFile('x'), [name]: 'y' },
      ]) {
        const dataDir = mkdtempSync(join(folder, 'data-'));
        const started = launch({ PORT: '1', LATCHKEY_DATA_DIR: dataDir, ...env });
        expect(await started.exited).toEqual({ code: 1, signal: null });
        expect(started.stderr()).toMatch(new RegExp(`^Latchkey cannot start: ${name}_FILE: [^\n]*\n$`));
        expect(readdirSync(dataDir)).toEqual([]);
      }
    }
  });
});
