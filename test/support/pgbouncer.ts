import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { accessSync, chmodSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './port.js';

const START_MS = 10_000;

const program = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer'].find((file) => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
});

export const hasPgbouncer = program !== undefined;

/** PgBouncer in front of a database, in transaction mode. */
export class Pgbouncer {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    /** The `DATABASE_URL` through it. */
    readonly databaseUrl: string,
  ) {}

  static async start(databaseUrl: string, sessions: number): Promise<Pgbouncer> {
    if (program === undefined) throw new Error('there is no pgbouncer: ask hasPgbouncer before');
    const { hostname, port, username, password, pathname } = new URL(databaseUrl);
    const listening = await freePort();
    const folder = mkdtempSync('/tmp/latchkey-pgbouncer-');
    chmodSync(folder, 0o755);
    const file = join(folder, 'pgbouncer.ini');
    const lines = [
      '[databases]',
      `${pathname.slice(1)} = host=${hostname} port=${port} user=${username} password=${password}`,
      '[pgbouncer]',
      ...['auth_type = any', 'listen_addr = 127.0.0.1', `listen_port = ${listening}`, 'unix_socket_dir ='],
      ...['pool_mode = transaction', `default_pool_size = ${sessions}`, 'max_client_conn = 500'],
      // By default it does not try again for 15 seconds after the database was not there.
      'server_login_retry = 1',
    ];
    writeFileSync(file, `${lines.join('\n')}\n`);
    // Independent of the umask, which servers under test narrow.
    chmodSync(file, 0o644);
    const child = spawn(program, [file], { stdio: 'ignore', ...unprivileged() });
    process.once('exit', () => child.kill('SIGKILL'));
    const url = new URL(databaseUrl);
    url.hostname = '127.0.0.1';
    url.port = String(listening);
    const pgbouncer = new Pgbouncer(child, folder, url.href);
    await untilListening(listening);
    return pgbouncer;
  }

  get pid(): number {
    return this.child.pid as number;
  }

  stop(): void {
    this.child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** It refuses to run as root. */
function unprivileged() {
  if (process.getuid?.() !== 0) return {};
  const id = (kind: string) => Number(execFileSync('id', [kind, 'nobody'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

async function untilListening(port: number): Promise<void> {
  const until = Date.now() + START_MS;
  const accepts = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
  while (!(await accepts())) {
    if (Date.now() > until) throw new Error('PgBouncer does not listen');
    await sleep(50);
  }
}
