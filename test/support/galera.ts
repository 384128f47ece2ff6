import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mysql from 'mysql2/promise';
import { findServer } from '../../scripts/mariadb.mjs';
import { freePort } from './port.js';

const PROVIDER = '/usr/lib/galera/libgalera_smm.so';
const START_MS = 90_000;
const PASSWORD = 'only-for-this-test';

const program = findServer();
export const hasGalera =
  program !== undefined && existsSync(PROVIDER) && existsSync('/usr/bin/rsync') && process.getuid?.() === 0;

/** Nodes of one MariaDB Galera cluster on this machine. */
export class Galera {
  private readonly nodes: ChildProcess[] = [];
  readonly urls: string[] = [];
  private groupPort = 0;

  private constructor(private readonly folder: string) {}

  static async start(count: number): Promise<Galera> {
    const galera = new Galera(mkdtempSync('/tmp/latchkey-galera-'));
    process.once('exit', () => galera.kill());
    try {
      for (let node = 0; node < count; node++) await galera.startNode(node);
      return galera;
    } catch (error) {
      await galera.stop();
      throw error;
    }
  }

  /** Of a database on each node. */
  async createDatabase(): Promise<string[]> {
    const connection = await mysql.createConnection({ uri: this.urls[0] as string });
    await connection.query('CREATE DATABASE latchkey CHARACTER SET utf8mb4 COLLATE utf8mb4_bin');
    await connection.end();
    return this.urls.map((url) => `${url}/latchkey`);
  }

  pidOf(node: number): number {
    return this.nodes[node]?.pid ?? 0;
  }

  /** A process that has replaced a killed one. */
  replace(node: number, process: ChildProcess): void {
    this.nodes[node] = process;
  }

  /** Runs a statement on a node, as one of its administrators. */
  async run(node: number, statement: string): Promise<void> {
    const connection = await mysql.createConnection({ uri: this.urls[node] as string });
    try {
      await connection.query(statement);
    } finally {
      connection.destroy();
    }
  }

  /** Disconnects a node from the others, or reconnects it. */
  async isolate(node: number, isIsolated: boolean): Promise<void> {
    await this.run(node, `SET GLOBAL wsrep_provider_options = 'gmcast.isolate=${isIsolated ? 1 : 0}'`);
  }

  /** Resolves when the node has caught up with the others. */
  untilSynced(node: number): Promise<void> {
    const log = () => readFileSync(join(this.folder, String(node), 'server.log'), 'utf8');
    return untilSynced(this.urls[node] as string, this.nodes[node] as ChildProcess, log);
  }

  /** Kills a node as a power cut would. */
  killNode(node: number): void {
    this.nodes[node]?.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    const ended = this.nodes.map((node) => new Promise((resolve) => node.once('exit', resolve)));
    const running = this.nodes.some((node) => node.exitCode === null && node.signalCode === null);
    this.kill();
    if (running) await Promise.race([Promise.all(ended), sleep(5000)]);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  private kill(): void {
    for (const node of this.nodes) node.kill('SIGKILL');
  }

  private async startNode(node: number): Promise<void> {
    const folder = join(this.folder, String(node));
    const data = join(folder, 'db');
    mkdirSync(data, { recursive: true });
    execFileSync('chmod', ['755', this.folder]);
    writeFileSync(
      join(folder, 'init.sql'),
      `CREATE USER IF NOT EXISTS 'latchkey'@'127.0.0.1' IDENTIFIED BY '${PASSWORD}';
       GRANT ALL PRIVILEGES ON *.* TO 'latchkey'@'127.0.0.1';\n`,
    );
    execFileSync('chown', ['-R', 'mysql:', folder]);
    // A joining node receives the data of the first one.
    if (node === 0) {
      const args = ['--no-defaults', '--user=mysql', `--datadir=${data}`, '--skip-test-db'];
      // The account of the database cannot read the runner's temporary folder.
      execFileSync('mariadb-install-db', args, { stdio: 'ignore', env: { ...process.env, TMPDIR: folder } });
    }
    const [port, group, ist, sst] = [await freePort(), await freePort(), await freePort(), await freePort()];
    const log = openSync(join(folder, 'server.log'), 'a');
    const cluster = node === 0 ? 'gcomm://' : `gcomm://127.0.0.1:${this.groupPort}`;
    if (node === 0) this.groupPort = group;
    const listen = `gmcast.listen_addr=tcp://127.0.0.1:${group};ist.recv_addr=127.0.0.1:${ist};gcache.size=16M`;
    const args = [
      ...['--no-defaults', '--user=mysql', `--datadir=${data}`, `--port=${port}`, '--bind-address=127.0.0.1'],
      ...[`--socket=${join(folder, 's.sock')}`, `--pid-file=${join(folder, 'pid')}`, '--skip-name-resolve'],
      ...['--binlog-format=ROW', '--innodb-autoinc-lock-mode=2', '--innodb-buffer-pool-size=64M'],
      ...['--innodb-flush-log-at-trx-commit=0', '--max-connections=200'],
      ...['--wsrep-on=ON', `--wsrep-provider=${PROVIDER}`, `--wsrep-cluster-address=${cluster}`],
      ...['--wsrep-cluster-name=latchkey', `--wsrep-node-name=node${node}`, '--wsrep-sst-method=rsync'],
      ...[`--wsrep-node-address=127.0.0.1:${group}`, `--wsrep-sst-receive-address=127.0.0.1:${sst}`],
      `--wsrep-provider-options=${listen}`,
      ...(node === 0 ? [`--init-file=${join(folder, 'init.sql')}`] : []),
    ];
    const child = spawn(program as string, args, {
      stdio: ['ignore', log, log],
      env: { ...process.env, TMPDIR: folder },
    });
    this.nodes.push(child);
    const url = `mysql://latchkey:${PASSWORD}@127.0.0.1:${port}`;
    await untilSynced(url, child, () => readFileSync(join(folder, 'server.log'), 'utf8'));
    this.urls.push(url);
  }
}

async function untilSynced(url: string, child: ChildProcess, log: () => string): Promise<void> {
  const limit = Date.now() + START_MS;
  for (;;) {
    const connection = await mysql.createConnection({ uri: url }).catch(() => undefined);
    const [rows] =
      (await connection?.query(`SHOW STATUS LIKE 'wsrep_local_state_comment'`).catch(() => [])) ?? [];
    await connection?.end().catch(() => undefined);
    if ((rows as { Value: string }[] | undefined)?.[0]?.Value === 'Synced') return;
    if (child.exitCode !== null || Date.now() > limit) {
      throw new Error(`a node of the cluster did not start:\n${log().split('\n').slice(-25).join('\n')}`);
    }
    await sleep(200);
  }
}
