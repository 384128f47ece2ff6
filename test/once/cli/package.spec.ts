import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const source = fileURLToPath(new URL('../../../packages/cli/', import.meta.url));
const { version, dependencies } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));

let folder: string;
let packed: string;

/** Where a package is installed for the sources of the command line. */
function installed(name: string): string {
  const own = join(source, 'node_modules', name);
  return existsSync(own) ? own : join(source, '..', '..', 'node_modules', name);
}

/** Packed as npm would publish it, and laid out as npm would install it, beside its dependencies and nothing else. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-cli-'));
  // Builds what is stale; packing would build again, under the feet of the other tests of the command.
  execFileSync(process.execPath, [join(source, 'bin', 'latchkey.mjs'), '--version']);
  const pack = ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder];
  execFileSync('npm', pack, { cwd: source, stdio: 'pipe' });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) as string;
  packed = join(folder, 'node_modules', '@latchkey', 'cli');
  mkdirSync(packed, { recursive: true });
  execFileSync('tar', ['-xzf', join(folder, tarball), '-C', packed, '--strip-components=1']);
  for (const name of Object.keys(dependencies)) {
    mkdirSync(dirname(join(folder, 'node_modules', name)), { recursive: true });
    symlinkSync(installed(name), join(folder, 'node_modules', name));
  }
});

afterAll(() => {
  if (folder) rmSync(folder, { recursive: true, force: true });
});

describe('Package of the command line', () => {
  it('contains what is built, and neither sources nor tests', () => {
    const files = readdirSync(packed, { recursive: true, encoding: 'utf8' });
    expect(readdirSync(packed).sort()).toEqual(['LICENSE', 'README.md', 'bin', 'dist', 'package.json']);
    expect(
      files.filter((name) => name.includes('.spec.') || (name.endsWith('.ts') && !name.endsWith('.d.ts'))),
    ).toEqual([]);
  });

  it('runs with its dependencies alone', () => {
    const run = (...args: string[]) =>
      execFileSync(process.execPath, [join(packed, 'bin', 'latchkey.mjs'), ...args], { encoding: 'utf8' });
    expect(run('--version')).toBe(`${version}\n`);
    expect(run('import', '--help')).toContain('keycloak');
  });
});
