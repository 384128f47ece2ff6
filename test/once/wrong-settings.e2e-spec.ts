import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch } from '../support/launch.js';
import { freePort } from '../support/port.js';
import { startServer } from '../support/server.js';

let folder: string;
let file: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-settings-'));
  file = join(folder, 'a-file');
  writeFileSync(file, 'not a certificate, not a database');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function danglingLink(): string {
  const link = join(mkdtempSync(join(folder, 'link-')), 'latchkey.sqlite');
  symlinkSync(join(folder, 'absent'), link);
  return link;
}

const KEY = randomBytes(32).toString('base64');

/** Starts with these settings on a folder of its own; what it said, and how it ended. */
async function start(env: Record<string, string>) {
  const dataDir = mkdtempSync(join(folder, 'data-'));
  const started = launch({ PORT: String(await freePort()), LATCHKEY_DATA_DIR: dataDir, ...env });
  const patience = setTimeout(() => started.child.kill('SIGKILL'), 50_000);
  const exit = await started.exited;
  clearTimeout(patience);
  return { exit, dataDir, stdout: started.stdout(), stderr: started.stderr() };
}

/** The lines for the operator. */
const reported = (stderr: string): string[] =>
  stderr
    .trimEnd()
    .split('\n')
    .filter((line) => !line.startsWith('{"level":"info"'));

type Wrong = [name: string, env: () => Record<string, string>];

const READ_FIRST: Wrong[] = [
  ['PORT', () => ({ PORT: 'eighty' })],
  ['DATABASE_URL', () => ({ DATABASE_URL: 'postgres://localhost/latchkey' })],
  ['LATCHKEY_PUBLIC_URL', () => ({ LATCHKEY_PUBLIC_URL: 'https://login.example/auth' })],
  ['LATCHKEY_PUBLIC_URL', () => ({ LATCHKEY_PUBLIC_URL: 'http://login.example' })],
  ['LATCHKEY_PUBLIC_URL', () => ({ LATCHKEY_PUBLIC_URL: 'http://203.0.113.7:8080' })],
  ['LATCHKEY_PLAIN_HTTP', () => ({ LATCHKEY_PLAIN_HTTP: 'perhaps' })],
  ['LATCHKEY_MASTER_KEY', () => ({ LATCHKEY_MASTER_KEY: `${KEY},half` })],
  ['LATCHKEY_MASTER_KEY', () => ({ LATCHKEY_MASTER_KEY: Buffer.alloc(32, 7).toString('base64') })],
  ['LATCHKEY_DATA_DIR', () => ({ LATCHKEY_DATA_DIR: `${folder}/a\nb` })],
  ['LATCHKEY_ISSUER', () => ({ LATCHKEY_ISSUER: 'login.example' })],
  ['LATCHKEY_MASTER_KEY', () => ({ DATABASE_URL: 'mysql://root@127.0.0.1:1/latchkey' })],
  ['LATCHKEY_ADMIN_CLIENT_ID', () => ({ LATCHKEY_ADMIN_CLIENT_ID: 'not an id' })],
  ...[
    'short',
    'administrator',
    'changeme-changeme',
    'rootrootroot',
    '1234567890123456',
    'aaaaaaaaaaaaaaaa',
  ].map(
    (secret): Wrong => ['LATCHKEY_ADMIN_CLIENT_SECRET', () => ({ LATCHKEY_ADMIN_CLIENT_SECRET: secret })],
  ),
  ['LATCHKEY_UNREGISTERED_AUDIENCE', () => ({ LATCHKEY_UNREGISTERED_AUDIENCE: 'perhaps' })],
  ['LATCHKEY_PRIVATE_JWKS_URI', () => ({ LATCHKEY_PRIVATE_JWKS_URI: 'perhaps' })],
  ['LATCHKEY_TLS_KEY', () => ({ LATCHKEY_TLS_CERT: file })],
  ['LATCHKEY_TRUSTED_PROXIES', () => ({ LATCHKEY_TRUSTED_PROXIES: '10.0.0.0/8,proxy.internal' })],
  ['LATCHKEY_FAILURES_PER_MINUTE', () => ({ LATCHKEY_FAILURES_PER_MINUTE: 'twenty' })],
  ...['0', 'two'].map((workers): Wrong => ['LATCHKEY_WORKERS', () => ({ LATCHKEY_WORKERS: workers })]),
  ['LATCHKEY_LOG_LEVEL', () => ({ LATCHKEY_LOG_LEVEL: 'loud' })],
  ['LATCHKEY_ACCESS_LOG', () => ({ LATCHKEY_ACCESS_LOG: 'yes' })],
  ['LATCHKEY_CONSOLE', () => ({ LATCHKEY_CONSOLE: 'true' })],
  ['LATCHKEY_METRICS_PORT', () => ({ LATCHKEY_METRICS_PORT: '0' })],
  ['LATCHKEY_METRICS_HOST', () => ({ LATCHKEY_METRICS_HOST: '127.0.0.1' })],
  ['LATCHKEY_METRICS_TOKEN', () => ({ LATCHKEY_METRICS_PORT: '9', LATCHKEY_METRICS_HOST: '0.0.0.0' })],
  ['LATCHKEY_METRICS_TOKEN', () => ({ LATCHKEY_METRICS_PORT: '9', LATCHKEY_METRICS_TOKEN: 'short' })],
];

/** Right to look at, but what they name cannot be used. */
const FOUND_LATER: Wrong[] = [
  ['LATCHKEY_TLS_CERT', () => ({ LATCHKEY_TLS_CERT: join(folder, 'absent.pem'), LATCHKEY_TLS_KEY: file })],
  ['LATCHKEY_TLS_KEY', () => ({ LATCHKEY_TLS_CERT: file, LATCHKEY_TLS_KEY: join(folder, 'absent.pem') })],
  ['LATCHKEY_TLS_CERT', () => ({ LATCHKEY_TLS_CERT: file, LATCHKEY_TLS_KEY: file })],
  ['LATCHKEY_DATA_DIR', () => ({ LATCHKEY_DATA_DIR: join(file, 'below') })],
  // The system takes no folder there, and says of its parents that they are there.
  ['LATCHKEY_DATA_DIR', () => ({ LATCHKEY_DATA_DIR: '/proc/latchkey' })],
  ['LATCHKEY_DATA_DIR', () => ({ LATCHKEY_DATA_DIR: '/proc/latchkey', DATABASE_URL: `sqlite:${folder}/x` })],
  ['DATABASE_URL', () => ({ DATABASE_URL: `sqlite:${file}` })],
  ['DATABASE_URL', () => ({ DATABASE_URL: `sqlite:${folder}` })],
  [
    'DATABASE_URL',
    () => ({ DATABASE_URL: 'mysql://nobody:wrongwrong@127.0.0.1:1/latchkey', LATCHKEY_MASTER_KEY: KEY }),
  ],
  ['HOST', () => ({ HOST: '203.0.113.7' })],
  ['HOST', () => ({ HOST: '203.0.113.7', LATCHKEY_WORKERS: '2' })],
  ...['1', '2'].map(
    (workers): Wrong => [
      'LATCHKEY_METRICS_HOST',
      () => ({
        LATCHKEY_METRICS_PORT: '9464',
        LATCHKEY_METRICS_HOST: '203.0.113.7',
        LATCHKEY_METRICS_TOKEN: KEY,
        LATCHKEY_WORKERS: workers,
      }),
    ],
  ),
  ['DATABASE_URL', () => ({ DATABASE_URL: `sqlite:${file}`, LATCHKEY_WORKERS: '2' })],
];

const ALL = [...READ_FIRST, ...FOUND_LATER];

describe('Start with an invalid setting', { timeout: 60_000 }, () => {
  // Several processes at once: most of a start is loading the code.
  it.concurrent.each(ALL)('stops with one line that names %s (%#)', async (name, env) => {
    const { exit, stdout, stderr } = await start(env());
    expect(exit).toEqual({ code: 1, signal: null });
    expect(stdout).toBe('');
    const lines = reported(stderr);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(new RegExp(`^Latchkey cannot start: ${name}: `));
    expect(lines[0]).not.toContain('()');
    // Where to look is reported: a path, an address. What may be a secret is not.
    for (const value of Object.values(env())) {
      if (value.length > 8 && !/^[/\d]/.test(value)) expect(lines[0]).not.toContain(value);
    }
    expect(lines[0]).not.toContain('wrongwrong');
  });

  it.each([
    ['plain HTTP is allowed', { LATCHKEY_PUBLIC_URL: 'http://latchkey.test', LATCHKEY_PLAIN_HTTP: 'allow' }],
    [
      'others can reach it by an address it does not know',
      { LATCHKEY_PUBLIC_URL: undefined, HOST: '0.0.0.0' },
    ],
  ])('starts with a warning where %s', async (_, env) => {
    const server = await startServer({ env });
    try {
      expect(server.stderr()).toMatch(/"level":"warn",.*"setting":"LATCHKEY_PUBLIC_URL"/);
    } finally {
      await server.stop();
    }
  });

  it.each<[what: string, make: (place: string) => void]>([
    ['a directory', (place) => mkdirSync(place)],
    ['a text file', (place) => writeFileSync(place, 'a diary')],
    [
      "another application's database",
      (place) => {
        const other = new Database(place);
        other.exec('CREATE TABLE book (title TEXT)');
        other.close();
      },
    ],
  ])('changes neither mode nor neighbours of %s that DATABASE_URL names (fault A12)', async (_, make) => {
    const place = join(mkdtempSync(join(folder, 'other-')), 'latchkey.sqlite');
    make(place);
    chmodSync(place, 0o755);
    const content = statSync(place).isFile() ? readFileSync(place) : undefined;
    for (const env of [{ DATABASE_URL: `sqlite:${place}` }, { LATCHKEY_DATA_DIR: dirname(place) }]) {
      const { exit, stderr } = await start(env);
      expect(exit.code).toBe(1);
      expect(reported(stderr)).toHaveLength(1);
      expect(stderr).toContain(`Latchkey cannot start: ${Object.keys(env)[0]}: `);
      expect(statSync(place).mode & 0o777).toBe(0o755);
      expect(readdirSync(dirname(place))).toEqual(['latchkey.sqlite']);
      if (content) expect(readFileSync(place)).toEqual(content);
    }
  });

  it.each<[words: string, place: () => string]>([
    ['not an SQLite database; use another path', () => file],
    ['is a directory; it must be the path of a file', () => folder],
    ['is not a regular file; it must be the path of a file', () => '/dev/null'],
    ['is a symbolic link to a file that does not exist', () => danglingLink()],
    ['no file can be created in this directory; use another', () => '/proc/latchkey.sqlite'],
  ])('reports that DATABASE_URL names no usable file: %s (fault D1)', async (words, place) => {
    const { stderr } = await start({ DATABASE_URL: `sqlite:${place()}` });
    expect(reported(stderr)).toEqual([
      expect.stringMatching(`^Latchkey cannot start: DATABASE_URL: /\\S+: ${words}$`),
    ]);
  });

  it('leaves no files when only the settings are invalid', async () => {
    const { dataDir } = await start({ LATCHKEY_LOG_LEVEL: 'loud' });
    expect(readdirSync(dataDir)).toEqual([]);
  });

  it.each(['1', '2'])('names PORT when it is in use, with %s workers', async (workers) => {
    const taken = createServer();
    const port = await freePort();
    await new Promise<void>((resolve) => taken.listen(port, '127.0.0.1', resolve));
    const { exit, stderr } = await start({ PORT: String(port), LATCHKEY_WORKERS: workers });
    taken.close();
    expect(exit.code).toBe(1);
    expect(reported(stderr)).toEqual([
      `Latchkey cannot start: PORT: ${port} on 127.0.0.1 is in use by another process (EADDRINUSE)`,
    ]);
  });

  it('names LATCHKEY_MASTER_KEY when the database was sealed with another key', async () => {
    const server = await startServer();
    try {
      await server.kill();
      const { exit, stderr } = await start({
        LATCHKEY_DATA_DIR: server.dataDir,
        LATCHKEY_MASTER_KEY: KEY,
      });
      expect(exit.code).toBe(1);
      expect(stderr).toMatch(/^Latchkey cannot start: LATCHKEY_MASTER_KEY: /m);
      expect(stderr).not.toContain(KEY);
      await server.restart();
    } finally {
      await server.stop();
    }
  });
});
