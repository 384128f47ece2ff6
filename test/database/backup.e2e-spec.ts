import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { rowsOf, runCommand } from '../support/backup.js';
import { NATIVE } from '../support/dialects.js';
import { useLibrary } from '../support/library.js';
import { newMasterKey } from '../support/master-key.js';
import { aClient, type TestClient } from '../support/registration.js';
import { dump } from '../support/rows.js';

const LINES = 6;

/** Issues tokens and refreshes each once, on many lines, until it is stopped; answers the ids of the sessions. */
function startLoad(client: TestClient): { stop(): Promise<void>; tokens: string[] } {
  const tokens: string[] = [];
  let stopped = false;
  const line = async () => {
    while (!stopped) {
      const { body } = await client.ask(NATIVE);
      const refreshed = await client.post(NATIVE, {
        grant_type: 'refresh_token',
        refresh_token: body.refresh_token,
      });
      expect(refreshed.status, refreshed.text).toBe(200);
      tokens.push(body.access_token, body.refresh_token, refreshed.body.access_token);
    }
  };
  const done = Promise.all(Array.from({ length: LINES }, line));
  return {
    tokens,
    stop: async () => {
      stopped = true;
      await done;
    },
  };
}

describe('npm run backup', { timeout: 120_000 }, () => {
  const library = useLibrary();
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-backup-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('copies the database as of one moment beside a server under load (fault E8)', async () => {
    const { server } = library;
    const client = await aClient(server).withTokens({ refresh_token: true }).register();
    const load = startLoad(client);
    try {
      for (let round = 0; round < 3; round++) {
        const before = load.tokens.length / 3;
        const file = join(folder, `load-${round}`);
        const { code, stderr } = await runCommand('backup', server, [file]);
        expect([code, stderr]).toEqual([0, '']);
        const sessions = rowsOf(file).get('session') ?? [];
        expect(sessions.length).toBeGreaterThanOrEqual(2 * Math.floor(before));
        const successors = new Set(sessions.map((row) => row.refreshed_from).filter((id) => id !== null));
        const used = sessions.filter((row) => row.refresh_used_at !== null).map((row) => row.id);
        expect(new Set(used)).toEqual(successors);
        expect(successors.size).toBeGreaterThan(0);
      }
    } finally {
      await load.stop();
    }
  });

  it('covers every table of the schema (fault E8)', async () => {
    const { server } = library;
    const { stdout } = await runCommand('backup', server, [join(folder, 'whole')]);
    const [, listed = ''] = /^Rows: (.+)\.$/m.exec(stdout) ?? [];
    const tables = [...(await dump(server)).keys()].filter(
      (name) => name !== 'migration' && !/^sqlite_/.test(name),
    );
    expect(
      listed
        .split(', ')
        .map((entry) => entry.split(' ')[0])
        .sort(),
    ).toEqual(tables.sort());
  });

  it('is a private file without secrets, tokens or master keys, and leaves no draft (fault E8)', async () => {
    const { server } = library;
    const client = await aClient(server).register();
    const token = await client.token(NATIVE);
    const file = join(folder, 'private');
    const { stdout } = await runCommand('backup', server, [file]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder).filter((name) => name.includes('.part'))).toEqual([]);
    const text = gunzipSync(readFileSync(file)).toString('utf8') + stdout;
    for (const secret of [client.secret, token, server.adminSecret, server.env.LATCHKEY_MASTER_KEY ?? '']) {
      expect(secret.length).toBeGreaterThan(20);
      expect(text).not.toContain(secret);
    }
    expect(stdout).toContain('Keep the master key elsewhere');
  });

  it('never replaces a file, and shows its help without one (fault E8)', async () => {
    const { server } = library;
    const file = join(folder, 'existing');
    writeFileSync(file, 'precious');
    const refused = await runCommand('backup', server, [file]);
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toContain('exists, and is not overwritten');
    expect(readFileSync(file, 'utf8')).toBe('precious');
    const bare = await runCommand('backup', server, []);
    expect([bare.code, bare.stdout]).toEqual([2, '']);
    expect(bare.stderr).toMatch(/^npm run backup -- FILE/);
    const asked = await runCommand('backup', server, ['--help']);
    expect([asked.code, asked.stderr]).toEqual([0, '']);
  });

  it('fails in words where it cannot write, or has no or another master key (fault E8)', async () => {
    const { server } = library;
    const file = join(folder, 'none');
    const nowhere = await runCommand('backup', server, [join(folder, 'no', 'folder')]);
    expect([nowhere.code, nowhere.stderr]).toEqual([
      1,
      `The database was not backed up: FILE: ${join(folder, 'no', 'folder')}: no such file or directory (ENOENT)\n`,
    ]);
    const other = newMasterKey();
    const wrong = await runCommand('backup', server, [file], { LATCHKEY_MASTER_KEY: other });
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toMatch(/LATCHKEY_MASTER_KEY: /);
    expect(existsSync(file)).toBe(false);
  });
});
