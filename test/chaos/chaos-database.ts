import type { ChildProcess } from 'node:child_process';
import { connectTo } from '../support/connection.js';
import { engine, onServer } from '../support/database.js';
import { DatabaseLine } from '../support/database-line.js';
import { Pgbouncer } from '../support/pgbouncer.js';
import { ScratchDatabase } from '../support/scratch-database.js';
import { isAlive, type Recipe, recipeOf, startAgain, until } from './process.js';

const SETTINGS = {
  sqlite: [],
  mysql: ['--innodb-log-file-size=16M', '--innodb-buffer-pool-size=48M'],
  postgres: ['shared_buffers=32MB'],
}[engine];
const MAX_START_MS = 30_000;
const MAX_END_MS = 10_000;
/** Of the database, which the processes share. */
const POOLED_SESSIONS = 20;

/** A database server that is killed and started again, reached through a line that is disturbed. */
export class ChaosDatabase {
  private readonly recipe: Recipe;
  private again: ChildProcess | undefined;

  private constructor(
    private readonly scratch: ScratchDatabase,
    /** As an administrator. */
    readonly adminUrl: string,
    readonly line: DatabaseLine,
    /** Between the line and the database. */
    readonly pooler?: ChaosPooler,
  ) {
    this.recipe = recipeOf(scratch.pid);
  }

  /** Undefined on SQLite. */
  static async start(folder: string, isPooled = false): Promise<ChaosDatabase | undefined> {
    if (!onServer) return undefined;
    const scratch = await ScratchDatabase.start(SETTINGS, folder);
    const adminUrl = await scratch.createDatabase();
    const url = await scratch.createUser('app', 'of-the-app');
    const pooler = isPooled ? new ChaosPooler(await Pgbouncer.start(url, POOLED_SESSIONS)) : undefined;
    const line = await DatabaseLine.open(pooler?.databaseUrl ?? url);
    return new ChaosDatabase(scratch, adminUrl, line, pooler);
  }

  get pid(): number {
    return this.again?.pid ?? this.scratch.pid;
  }

  get isRunning(): boolean {
    return isAlive(this.pid);
  }

  async run(...statements: readonly string[]): Promise<void> {
    const connection = await connectTo(this.adminUrl);
    try {
      for (const sql of statements) await connection.all(sql);
    } finally {
      await connection.close().catch(() => undefined);
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.scratch.signal(signal, this.pid);
  }

  async kill(): Promise<void> {
    const processes = this.scratch.processes(this.pid);
    this.signal('SIGKILL');
    // PostgreSQL does not start while one of its processes is left.
    await until(() => !processes.some(isAlive), MAX_END_MS, 'the database has not ended');
  }

  async startAgain(): Promise<void> {
    const began = performance.now();
    while (!(await this.startOnce())) {
      if (performance.now() - began > MAX_START_MS) throw new Error('the database does not start');
    }
  }

  /** A new process may find traces of the one that was killed, and end. */
  private async startOnce(): Promise<boolean> {
    const started = startAgain(this.recipe);
    this.again = started;
    const hasEnded = () => started.exitCode !== null || started.signalCode !== null;
    await until(async () => hasEnded() || (await this.answers()), MAX_START_MS, 'the start of the database');
    return !hasEnded();
  }

  private answers(): Promise<boolean> {
    return this.run('SELECT 1').then(
      () => true,
      () => false,
    );
  }

  async stop(): Promise<void> {
    this.line.close();
    await this.pooler?.stop();
    if (this.isRunning) await this.kill();
    await this.scratch.stop();
  }
}

/** A PgBouncer that is killed and started again. */
export class ChaosPooler {
  private readonly recipe: Recipe;
  private again: ChildProcess | undefined;

  constructor(private readonly first: Pgbouncer) {
    this.recipe = recipeOf(first.pid);
  }

  get databaseUrl(): string {
    return this.first.databaseUrl;
  }

  async kill(): Promise<void> {
    const pid = this.again?.pid ?? this.first.pid;
    if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    await until(() => !isAlive(pid), MAX_END_MS, 'the pooler has not ended');
  }

  startAgain(): void {
    this.again = startAgain(this.recipe);
  }

  async stop(): Promise<void> {
    await this.kill();
    this.first.stop();
  }
}
