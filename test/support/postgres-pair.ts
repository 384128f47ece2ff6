import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findServer, ping } from '../../scripts/postgres.mjs';
import { withConnection } from './connection.js';
import type { Pair } from './pair.js';
import { freePort } from './port.js';
import { ScratchDatabase } from './scratch-database.js';

const START_MS = 20_000;

/** A primary and a synchronous streaming standby. */
export class PostgresPair implements Pair {
  private constructor(
    private readonly primary: ScratchDatabase,
    private readonly standby: ChildProcess,
    private readonly folder: string,
    readonly urls: readonly [string, string],
  ) {}

  static async start(): Promise<PostgresPair> {
    const primary = await ScratchDatabase.start(['wal_keep_size=64MB']);
    const url = new URL(await primary.createDatabase());
    const folder = mkdtempSync('/tmp/latchkey-standby-');
    chmodSync(folder, 0o755);
    const server = findServer() as string;
    const options = { env: { ...process.env, PGPASSWORD: url.password, TMPDIR: folder }, ...identity() };
    if ('uid' in options) execFileSync('chown', ['postgres:', folder]);
    const data = join(folder, 'db');
    const from = ['-h', url.hostname, '-p', url.port, '-U', url.username];
    const how = ['-D', data, '-R', '-X', 'stream', '-c', 'fast', '--no-sync'];
    execFileSync(copierBeside(server), [...from, ...how], { stdio: 'ignore', ...options, cwd: folder });
    const port = await freePort();
    const log = openSync(join(folder, 'server.log'), 'a');
    // A standby needs the limits of its primary.
    const settings = [
      `unix_socket_directories=${folder}`,
      'listen_addresses=127.0.0.1',
      'max_connections=500',
    ];
    const args = [`-D${data}`, `-p${port}`, ...settings.flatMap((one) => ['-c', one])];
    const standby = spawn(server, args, {
      stdio: ['ignore', log, log],
      detached: true,
      ...options,
      cwd: folder,
    });
    process.once('exit', () => standby.kill('SIGKILL'));
    const other = new URL(url);
    other.port = String(port);
    const pair = new PostgresPair(primary, standby, folder, [url.href, other.href]);
    await untilAnswering(other.href);
    await primary.run("ALTER SYSTEM SET synchronous_standby_names = '*'", 'SELECT pg_reload_conf()');
    return pair;
  }

  async setReadOnly(isReadOnly: boolean): Promise<void> {
    await this.primary.run(
      `ALTER SYSTEM SET default_transaction_read_only = ${isReadOnly ? 'on' : 'off'}`,
      'SELECT pg_reload_conf()',
    );
  }

  /** It is unreachable: its clients get no response. */
  async fail(): Promise<void> {
    this.primary.freeze();
  }

  /** It still believes that it is the primary. */
  comeBack(): void {
    this.primary.thaw();
  }

  async promote(): Promise<void> {
    await withConnection(this.urls[1], (connection) => connection.all('SELECT pg_promote(true, 10)'));
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.standby.once('exit', resolve));
    if (this.standby.exitCode === null && this.standby.kill('SIGINT')) await ended;
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
    await this.primary.stop();
  }
}

/** In the folder of the version; a program with that name elsewhere may have another version. */
function copierBeside(server: string): string {
  const path = execFileSync('readlink', ['-f', server], { encoding: 'utf8' }).trim();
  return join(dirname(path), 'pg_basebackup');
}

function identity(): { uid: number; gid: number } | Record<string, never> {
  if (process.getuid?.() !== 0) return {};
  const id = (kind: string) => Number(execFileSync('id', [kind, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

async function untilAnswering(url: string): Promise<void> {
  const until = Date.now() + START_MS;
  for (;;) {
    try {
      return await ping(url);
    } catch (error) {
      if (Date.now() > until) throw error;
    }
    await sleep(50);
  }
}
