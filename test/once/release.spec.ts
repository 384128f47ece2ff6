import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PLACES } from '../../scripts/set-version.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const script = join(root, 'scripts/set-version.mjs');
const FILES = [...PLACES.map(([file]) => file), 'package-lock.json', 'CHANGELOG.md'];
const NEXT = '987.6.5';

let folder: string;

const read = (file: string, from = root) => readFileSync(join(from, file), 'utf8');
const headings = (from = root) =>
  [...read('CHANGELOG.md', from).matchAll(/^## (.+)$/gm)].map(([, one]) => one);
const versionIn = (from: string): string => JSON.parse(read('package.json', from)).version;

/** Every place that does not name this version. */
function placesWithout(version: string, from = root): string[] {
  const { version: own, packages } = JSON.parse(read('package-lock.json', from));
  const locked = [own, ...['', 'packages/cli', 'packages/guard'].map((path) => packages[path].version)];
  return [
    ...PLACES.filter(([file, textOf]) => !read(file, from).includes(textOf(version))).map(([file]) => file),
    ...(locked.every((one) => one === version) ? [] : ['package-lock.json']),
  ];
}

const release = (version: string) => {
  const { status, stderr } = spawnSync(process.execPath, [script, version], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { status, stderr };
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-release-'));
  for (const file of FILES) cpSync(join(root, file), join(folder, file));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('The version', () => {
  it('is the same in every file, and the latest one of the changelog', () => {
    const version = versionIn(root);
    expect(placesWithout(version)).toEqual([]);
    expect(headings().filter((heading) => heading !== 'Unreleased')[0]).toBe(version);
    expect(headings().slice(1)).not.toContain('Unreleased');
  });

  it('is set everywhere by one command, which gives the unreleased changes its heading', () => {
    const before = headings();
    if (before[0] !== 'Unreleased') return expect(release(NEXT).stderr).toContain('## Unreleased');
    expect(release(NEXT)).toEqual({ status: 0, stderr: '' });
    expect(placesWithout(NEXT, folder)).toEqual([]);
    expect(headings(folder)).toEqual([NEXT, ...before.slice(1)]);
  });

  it.each(['', 'next', '1.2', '0.0.1', versionIn(root)])('is not set to %j', (wrong) => {
    const { status, stderr } = release(wrong);
    expect([status, stderr]).toEqual([1, expect.stringContaining('give a version after')]);
    expect(placesWithout(versionIn(root), folder)).toEqual([]);
  });
});
