import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { debianProgram } from '../support/debian-program.js';
import { basic, form, request } from '../support/http.js';
import { rememberSecret } from '../support/leaks.js';
import { freePort } from '../support/port.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const [, unit = ''] =
  /```ini\n(\[Unit\]\n.*?)```/s.exec(readFileSync(`${ROOT}docs/operations.md`, 'utf8')) ?? [];
const SECRET = 'k7-Vu2-nothing-known-Qd9';

const setting = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1] ?? '';

const analyze = await debianProgram('systemd-analyze');

/** systemd's exposure from 0 to 100, at which it calls a service protected. */
const MAX_EXPOSURE = 20;

function analyzed(...args: string[]) {
  const file = join(mkdtempSync(join(tmpdir(), 'latchkey-unit-')), 'latchkey.service');
  writeFileSync(file, unit);
  const { status, stdout, stderr } = spawnSync(String(analyze), [...args, file], { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

/** The command of the unit, with its umask, without privileges and without the variables of the caller. */
function startUnit(settings: Record<string, string>) {
  const privileges =
    process.getuid?.() === 0
      ? 'setpriv --no-new-privs --bounding-set=-all --inh-caps=-all'
      : 'setpriv --no-new-privs';
  const own = setting('Environment').split(' ');
  const environment = Object.fromEntries(own.map((pair) => pair.split('=')));
  return spawn('sh', ['-ec', `umask ${setting('UMask')}; exec ${privileges} ${setting('ExecStart')}`], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, ...environment, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

describe('The systemd unit of docs/operations.md', () => {
  it.skipIf(!analyze)('is valid, and exposes little', () => {
    expect(analyzed('verify')).toEqual({ status: 0, output: '' });
    const { status, output } = analyzed(
      'security',
      '--offline=true',
      '--no-pager',
      `--threshold=${MAX_EXPOSURE}`,
    );
    expect(status, output).toBe(0);
  });

  it('serves without privileges, keeps its files private, logs no secret and stops with 0', async () => {
    expect(setting('WorkingDirectory')).toBe('/opt/latchkey');
    expect(setting('Environment')).toContain(`LATCHKEY_DATA_DIR=/var/lib/${setting('StateDirectory')}`);
    const folder = join(mkdtempSync(join(tmpdir(), 'latchkey-state-')), 'state');
    mkdirSync(folder, { mode: Number.parseInt(setting('StateDirectoryMode'), 8) });
    rememberSecret(SECRET);
    const port = await freePort();
    const child = startUnit({
      LATCHKEY_DATA_DIR: folder,
      LATCHKEY_ADMIN_CLIENT_SECRET: SECRET,
      HOST: '127.0.0.1',
      PORT: String(port),
    });
    const said: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => said.push(String(chunk)));
    const ended = once(child, 'close');
    const url = `http://127.0.0.1:${port}`;
    try {
      const ready = () =>
        request(`${url}/health/ready`).then(
          ({ status }) => status,
          () => 0,
        );
      await expect.poll(ready, { timeout: 60_000, interval: 100 }).toBe(200);
      const body = { grant_type: 'client_credentials' };
      expect((await form(`${url}/auth/token`, body, basic('root', SECRET))).status).toBe(200);
      expect(readdirSync(folder).length).toBeGreaterThan(0);
      for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o077, name).toBe(0);
    } finally {
      child.kill('SIGTERM');
    }
    const stopping = performance.now();
    expect(await ended, said.join('')).toEqual([0, null]);
    expect(performance.now() - stopping).toBeLessThan(Number(setting('TimeoutStopSec')) * 1000);
    expect(said.join('')).not.toContain(SECRET);
  });
});
