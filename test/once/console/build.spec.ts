import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const script = new URL('../../../scripts/console.mjs', import.meta.url).href;

/** Builds the console in a process with this NODE_ENV; answers the files, and NODE_ENV there afterwards. */
function build(nodeEnv?: string): { files: string[]; left: string } {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-console-'));
  const target = join(folder, 'built');
  const { NODE_ENV: _, ...env } = process.env;
  const code = `const { build } = await import(${JSON.stringify(script)});
    await build(${JSON.stringify(target)});
    process.stdout.write(String(process.env.NODE_ENV));`;
  try {
    const left = execFileSync(process.execPath, ['--input-type=module', '-e', code], {
      encoding: 'utf8',
      env: { ...env, ...(nodeEnv === undefined ? {} : { NODE_ENV: nodeEnv }) },
    });
    expect(existsSync(join(target, 'index.html'))).toBe(true);
    return { files: readdirSync(join(target, 'assets')).sort(), left };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('Building the console', { timeout: 120_000 }, () => {
  it('depends on no NODE_ENV, and leaves it as it was to programs that are started afterwards', () => {
    const plain = build();
    const inTest = build('test');
    expect([plain.left, inTest.left]).toEqual(['undefined', 'test']);
    // Their names contain hashes of their content.
    expect(inTest.files).toEqual(plain.files);
  });
});
