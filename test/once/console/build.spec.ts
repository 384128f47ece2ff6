import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const script = new URL('../../../scripts/console.mjs', import.meta.url).href;

/** Builds the console in a process of its own, and answers what NODE_ENV is there afterwards. */
function nodeEnvAfterBuild(): string {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-console-'));
  const target = join(folder, 'built');
  const { NODE_ENV: _, ...env } = process.env;
  const code = `const { build } = await import(${JSON.stringify(script)});
    await build(${JSON.stringify(target)});
    process.stdout.write(String(process.env.NODE_ENV));`;
  try {
    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', code], {
      encoding: 'utf8',
      env,
    });
    expect(existsSync(join(target, 'index.html'))).toBe(true);
    return printed;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('Building the console', { timeout: 120_000 }, () => {
  it('leaves NODE_ENV to the programs that are started afterwards as it was', () => {
    expect(nodeEnvAfterBuild()).toBe('undefined');
  });
});
