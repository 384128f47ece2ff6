import mysql from 'mysql2/promise';
import { type DatabaseServer, findServer, startServer } from '../../scripts/mariadb.mjs';

const program = findServer();
/** The runner's own folder is closed to the account that the database runs as. */
const OPEN_TO_ALL = '/tmp';

export const hasMariadb = program !== undefined;

/** A database server that one test has to itself, because it freezes it. */
export class ScratchMariadb {
  private constructor(private readonly started: DatabaseServer) {}

  static async start(): Promise<ScratchMariadb> {
    if (program === undefined) throw new Error('there is no mariadbd: ask hasMariadb before');
    const server = new ScratchMariadb(await startServer(program, new AbortController().signal, OPEN_TO_ALL));
    // A frozen one would outlive a test that ends too early.
    process.once('exit', () => server.signal('SIGKILL'));
    return server;
  }

  async createDatabase(): Promise<string> {
    const connection = await mysql.createConnection({ uri: this.started.url });
    await connection.query('CREATE DATABASE latchkey CHARACTER SET utf8mb4 COLLATE utf8mb4_bin');
    await connection.end();
    return `${this.started.url}/latchkey`;
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
