import { readdirSync, readFileSync } from 'node:fs';
import * as mariadb from '../../scripts/mariadb.mjs';
import * as postgres from '../../scripts/postgres.mjs';
import { type Connection, withConnection } from './connection.js';
import { creationOf, engine } from './database.js';

/** The account of the database cannot read the runner's folder. */
const OPEN_TO_ALL = '/tmp';

const server = engine === 'postgres' ? postgres : mariadb;
const program = engine === 'sqlite' ? undefined : server.findServer();

/** Whether a server program of the engine under test is installed. */
export const hasScratchServer = program !== undefined;

/** A database server for one test, which freezes or reconfigures it. */
export class ScratchDatabase {
  private hasDatabase = false;

  private constructor(private readonly started: mariadb.DatabaseServer) {}

  /** `more`: arguments of MariaDB, or settings of PostgreSQL. `parent`: where its folder is made. */
  static async start(more: readonly string[] = [], parent = OPEN_TO_ALL): Promise<ScratchDatabase> {
    if (program === undefined) throw new Error('there is no server program: ask hasScratchServer before');
    const { signal } = new AbortController();
    const started = await server.startServer(program, signal, parent, more);
    const database = new ScratchDatabase(started);
    // A frozen one would survive a test that fails.
    process.once('exit', () => database.signal('SIGKILL'));
    return database;
  }

  get url(): string {
    return this.started.url;
  }

  get pid(): number {
    return this.started.pid;
  }

  get socket(): string {
    return this.started.socket;
  }

  async createDatabase(creation = creationOf('latchkey')): Promise<string> {
    await this.run(creation);
    this.hasDatabase = true;
    return `${this.started.url}/latchkey`;
  }

  /** As an administrator of the server. */
  async run(...statements: string[]): Promise<void> {
    await this.asAdministrator(async (connection) => {
      for (const sql of statements) await connection.all(sql);
    });
  }

  asAdministrator<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const name = this.hasDatabase && engine === 'postgres' ? '/latchkey' : '';
    return withConnection(`${this.started.url}${name}`, work);
  }

  /** Creates a user with the usual rights on the database. Returns its `DATABASE_URL`. */
  async createUser(name: string, password: string, options = ''): Promise<string> {
    if (engine === 'postgres') {
      await this.run(
        `CREATE ROLE ${name} LOGIN PASSWORD '${password}'`,
        `ALTER DATABASE latchkey OWNER TO ${name}`,
      );
    } else {
      const user = `'${name}'@'%'`;
      await this.run(
        `CREATE USER ${user} IDENTIFIED BY '${password}' ${options}`,
        `GRANT ALL PRIVILEGES ON latchkey.* TO ${user}`,
      );
    }
    const url = new URL(`${this.started.url}/latchkey`);
    url.username = name;
    url.password = password;
    return url.href;
  }

  /** The server and, where it has one for each connection, its children. */
  processes(pid = this.pid): number[] {
    return [pid, ...childrenOf(pid)];
  }

  freeze(): void {
    this.signal('SIGSTOP');
  }

  thaw(): void {
    this.signal('SIGCONT');
  }

  /** Ends it as a power cut would. */
  kill(): void {
    this.signal('SIGKILL');
  }

  async stop(): Promise<void> {
    this.thaw();
    await this.started.stop();
  }

  /** To the server, or to the process that has taken its place, and to its children. */
  signal(signal: NodeJS.Signals, pid = this.pid): void {
    for (const one of this.processes(pid)) {
      try {
        process.kill(one, signal);
      } catch {
        // It has ended.
      }
    }
  }
}

/** PostgreSQL has a process for each connection. */
function childrenOf(pid: number): number[] {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return processes.filter((one) => parentOf(one) === pid).map(Number);
}

function parentOf(pid: string): number | undefined {
  try {
    // After the name of the program, in parentheses: the state and the parent.
    const [, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return Number(parent);
  } catch {
    return undefined;
  }
}
