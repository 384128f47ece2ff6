import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify, stripVTControlCharacters } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../support/port.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const stops: (() => void)[] = [];

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

async function answers(url: string): Promise<number> {
  for (;;) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return answer.status;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

describe('Nest for developers', { timeout: 300_000 }, () => {
  it('serves from the sources with npm run start:dev', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'latchkey-dev-'));
    const port = await freePort();
    const child = spawn('npm', ['run', 'start:dev'], {
      cwd: root,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: String(port), LATCHKEY_DATA_DIR: dataDir },
      stdio: 'ignore',
      detached: true,
    });
    stops.push(() => {
      process.kill(-(child.pid as number), 'SIGKILL');
      rmSync(dataDir, { recursive: true, force: true });
    });
    expect(await answers(`http://127.0.0.1:${port}/health/ready`)).toBe(200);
  });

  it('generates a service beside its module, without a folder or a spec of its own', async () => {
    const nest = join(root, 'node_modules/@nestjs/cli/bin/nest.js');
    const args = [nest, 'generate', 'service', 'tokens/example', '--dry-run'];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
    const changes = stripVTControlCharacters(stdout).match(/^(?:CREATE|UPDATE) \S+/gm);
    expect(changes).toEqual(['CREATE src/tokens/example.service.ts', 'UPDATE src/tokens/tokens.module.ts']);
  });
});
