import mysql from 'mysql2/promise';
import { type DatabaseServer, findServer, startServer } from '../../scripts/mariadb.mjs';

const program = findServer();
/** The runner's own folder is closed to the account that the database runs as. */
const OPEN_TO_ALL = '/tmp';

export const hasMariadb = program !== undefined;

/** A database server that one test has to itself, because it freezes it. */
export class ScratchMariadb {
  private constructor(private readonly started: DatabaseServer) {}

  static async start(more: readonly string[] = []): Promise<ScratchMariadb> {
    if (program === undefined) throw new Error('there is no mariadbd: ask hasMariadb before');
    const server = new ScratchMariadb(
      await startServer(program, new AbortController().signal, OPEN_TO_ALL, more),
    );
    // A frozen one would outlive a test that ends too early.
    process.once('exit', () => server.signal('SIGKILL'));
    return server;
  }

  get url(): string {
    return this.started.url;
  }

  get socket(): string {
    return this.started.socket;
  }

  async createDatabase(): Promise<string> {
    await this.run('CREATE DATABASE latchkey CHARACTER SET utf8mb4 COLLATE utf8mb4_bin');
    return `${this.started.url}/latchkey`;
  }

  /** As an administrator of the server. */
  async run(...statements: string[]): Promise<void> {
    const connection = await mysql.createConnection({ uri: this.started.url });
    try {
      for (const sql of statements) await connection.query(sql);
    } finally {
      await connection.end();
    }
  }

  /** A user with the usual rights on the database; answers its `DATABASE_URL`. */
  async createUser(name: string, password: string, options = ''): Promise<string> {
    const user = `'${name}'@'%'`;
    await this.run(
      `CREATE USER ${user} IDENTIFIED BY '${password}' ${options}`,
      `GRANT ALL PRIVILEGES ON latchkey.* TO ${user}`,
    );
    const url = new URL(`${this.started.url}/latchkey`);
    url.username = name;
    url.password = password;
    return url.href;
  }

  freeze(): void {
    this.signal('SIGSTOP');
  }

  thaw(): void {
    this.signal('SIGCONT');
  }

  async stop(): Promise<void> {
    this.thaw();
    await this.started.stop();
  }

  private signal(signal: NodeJS.Signals): void {
    try {
      process.kill(this.started.pid, signal);
    } catch {
      // It has ended.
    }
  }
}
