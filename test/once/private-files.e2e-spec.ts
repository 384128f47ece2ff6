import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { startServer, type TestServer } from '../support/server.js';

let folder: string;
let server: TestServer | undefined;

/** A folder that exists already, and that others may look into. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-private-'));
  chmodSync(folder, 0o755);
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const modes = () =>
  Object.fromEntries(
    readdirSync(folder)
      .filter((name) => statSync(join(folder, name)).isFile())
      .map((name) => [name, (statSync(join(folder, name)).mode & 0o777).toString(8)]),
  );

const startHere = (env: Record<string, string | undefined> = {}) =>
  startServer({ dataDir: folder, env: { LATCHKEY_MASTER_KEY: undefined, ...env } });

describe('Existing data directory', { timeout: 60_000 }, () => {
  it.each([1, 2])(
    'contains no file that other users can read, with %d workers (fault A12)',
    async (workers) => {
      const umask = process.umask(0o022);
      try {
        server = await startHere({ LATCHKEY_WORKERS: String(workers) });
      } finally {
        process.umask(umask);
      }
      await admin(server).put('/Client/written', {});
      const found = modes();
      expect(Object.keys(found)).toContain('master.key');
      expect(new Set(Object.values(found))).toEqual(new Set(['600']));
    },
  );

  it('loses the permissions of other users at the next start (fault A12)', async () => {
    server = await startHere();
    await admin(server).put('/Client/written', {});
    await server.kill();
    for (const name of Object.keys(modes())) chmodSync(join(folder, name), 0o644);
    await server.start();
    expect(new Set(Object.values(modes()))).toEqual(new Set(['600']));
    expect((await admin(server).get('/Client/written')).status).toBe(200);
  });

  it('rejects a key file whose first key is not random, and accepts rotating away from it (fault A12)', async () => {
    writeFileSync(join(folder, 'master.key'), `${Buffer.alloc(32, 9).toString('base64')}\n`);
    await expect(startHere()).rejects.toThrow(/LATCHKEY_DATA_DIR: .*master\.key repeats its bytes/);
  });
});
