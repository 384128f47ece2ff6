import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const clone = mkdtempSync(join(tmpdir(), 'latchkey-clone-'));
afterAll(() => rmSync(clone, { recursive: true }));

/** A clone whose packages and build are out of date, as they are after `git pull` beside a running server. */
cpSync(join(root, 'scripts'), join(clone, 'scripts'), { recursive: true });
mkdirSync(join(clone, 'src'));
writeFileSync(join(clone, 'package.json'), '{"type": "module"}');
writeFileSync(join(clone, 'package-lock.json'), '{"lockfileVersion": 3, "packages": {}}');

const run = (script: string, env: Record<string, string> = {}) =>
  spawnSync(process.execPath, [script], { cwd: clone, encoding: 'utf8', env: { ...process.env, ...env } });

describe('A command beside a running server', () => {
  it.each([
    ['audit-check', 2],
    ['rotate-master-key', 1],
    ['backup', 1],
    ['restore', 1],
  ])('%s installs and builds nothing (fault E7)', (command, code) => {
    const before = readdirSync(clone);
    const { status, stdout, stderr } = run(join(clone, 'scripts', `${command}.mjs`));
    expect(stdout).toBe('');
    expect(stderr).toBe(`${command} is not built: run \`npm start\` or \`npm run build\` first\n`);
    expect(status).toBe(code);
    expect(readdirSync(clone)).toEqual(before);
  });

  it('audit-check creates no database (fault E7)', () => {
    const dataDir = join(clone, 'data');
    mkdirSync(dataDir);
    const { status, stderr } = run(join(root, 'dist/server/audit-check.js'), { LATCHKEY_DATA_DIR: dataDir });
    expect(stderr).toBe(
      `The audit chain cannot be checked: database file ${dataDir}/latchkey.sqlite not found: run the command with the settings of the server\n`,
    );
    expect(status).toBe(2);
    expect(readdirSync(dataDir)).toEqual([]);
  });
});
