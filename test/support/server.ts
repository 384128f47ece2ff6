import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase, dropDatabase, onServer } from './database.js';
import { copyFirstStart, releaseFirstStart, takeFirstStart } from './first-start.js';
import { type Exit, type Launched, launch, SHORT_LIVED } from './launch.js';
import { rememberSecret } from './leaks.js';
import { freePort } from './port.js';
import { ServerDidNotStart, untilReady } from './ready.js';

export { engine } from './database.js';
export { ServerDidNotStart } from './ready.js';

const STOP_MS = 20_000;
const PORT_ATTEMPTS = 3;

export interface ServerOptions {
  /** Added to the usual settings; `undefined` removes one. */
  env?: Record<string, string | undefined>;
  databaseUrl?: string;
  dataDir?: string;
  /** Another process on that server's database, with its keys, public URL and administrator. */
  beside?: TestServer;
  /** It answers tens of thousands of requests, so that optimised code pays. */
  isBusy?: true;
}

type Environment = Record<string, string | undefined>;

function present(env: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

export class TestServer {
  readonly adminId = 'root';
  private current: Launched | undefined;
  private last: Launched | undefined;

  constructor(
    readonly env: Environment,
    readonly dataDir: string,
    /** Absent on SQLite, where the database is a file in `dataDir`. */
    readonly databaseUrl: string | undefined,
    private readonly removeLeftovers: () => Promise<void>,
    private readonly flags: readonly string[] = SHORT_LIVED,
  ) {}

  get port(): number {
    return Number(this.env.PORT);
  }

  /** The address of this process. */
  get url(): string {
    return `${this.env.LATCHKEY_TLS_CERT ? 'https' : 'http'}://127.0.0.1:${this.port}`;
  }

  /** The public URL: the base of its issuers and metadata. */
  get publicUrl(): string {
    return this.env.LATCHKEY_PUBLIC_URL ?? `http://localhost:${this.port}`;
  }

  get adminSecret(): string {
    return this.env.LATCHKEY_ADMIN_CLIENT_SECRET ?? '';
  }

  /** Of the current process. */
  get pid(): number {
    const pid = this.current?.child.pid;
    if (pid === undefined) throw new Error('The server does not run.');
    return pid;
  }

  /** The output of the latest process of this server. */
  stdout(): string {
    return this.last?.stdout() ?? '';
  }

  stderr(): string {
    return this.last?.stderr() ?? '';
  }

  async start(): Promise<void> {
    this.current = this.last = launch(present(this.env), undefined, [], this.flags);
    try {
      await untilReady(this.current, this.url);
    } catch (error) {
      await this.kill();
      throw error;
    }
  }

  /** Stops the process; its data is kept, and `start` starts it again. */
  async end(signal: NodeJS.Signals): Promise<Exit | undefined> {
    const server = this.current;
    if (!server) return undefined;
    this.current = undefined;
    let late = false;
    const patience = setTimeout(() => {
      late = true;
      server.child.kill('SIGKILL');
    }, STOP_MS);
    server.child.kill(signal);
    const exit = await server.exited;
    clearTimeout(patience);
    if (late) throw new Error(`The server did not end within ${STOP_MS / 1000} s of ${signal}.`);
    return exit;
  }

  /** Waits until the process ends by itself. Returns its exit status. */
  async ended(): Promise<Exit | undefined> {
    const { current } = this;
    this.current = undefined;
    return current?.exited;
  }

  /** Kills the process as a power cut would; its data is kept, and `restart` starts it again. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Starts a new process on the same port and data, with these changes to its environment. */
  async restart(changes: Environment = {}): Promise<void> {
    await this.end('SIGTERM');
    Object.assign(this.env, changes);
    await this.start();
  }

  /** Stops the process and removes its data. Returns its exit status. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit | undefined> {
    try {
      return await this.end(signal);
    } finally {
      await this.removeLeftovers();
    }
  }
}

async function place(options: ServerOptions) {
  const { beside } = options;
  const givenFolder = options.dataDir ?? beside?.dataDir;
  const givenUrl = options.databaseUrl ?? beside?.databaseUrl;
  const dataDir = givenFolder ?? mkdtempSync(join(tmpdir(), 'latchkey-e2e-'));
  const firstStart = takeFirstStart(options);
  const newDatabase = () => (onServer ? createDatabase() : undefined);
  const databaseUrl = givenUrl ?? (await (firstStart ? copyFirstStart(firstStart, dataDir) : newDatabase()));
  const remove = async () => {
    if (firstStart) releaseFirstStart();
    if (!givenFolder) rmSync(dataDir, { recursive: true, force: true });
    if (!givenUrl && databaseUrl) await dropDatabase(databaseUrl);
  };
  const secrets = {
    LATCHKEY_MASTER_KEY: firstStart?.masterKey ?? randomBytes(32).toString('base64'),
    LATCHKEY_ADMIN_CLIENT_SECRET: firstStart?.adminSecret ?? randomBytes(24).toString('base64url'),
  };
  return { dataDir, databaseUrl, secrets, remove };
}

type Place = Awaited<ReturnType<typeof place>>;

function settings(
  port: number,
  options: ServerOptions,
  { dataDir, databaseUrl, secrets }: Place,
): Environment {
  const inherited = options.beside?.env ?? {
    HOST: '127.0.0.1',
    ...secrets,
    LATCHKEY_PUBLIC_URL: `${options.env?.LATCHKEY_TLS_CERT ? 'https' : 'http'}://localhost:${port}`,
    LATCHKEY_LOG_LEVEL: 'debug',
    // The tests send hundreds of wrong secrets from one address.
    LATCHKEY_FAILURES_PER_MINUTE: '0',
  };
  const location = { PORT: String(port), DATABASE_URL: databaseUrl, LATCHKEY_DATA_DIR: dataDir };
  return { ...inherited, ...location, ...options.env };
}

/** Starts the built server on a free port, with new data unless the options name other data. */
export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const placed = await place(options);
  const { dataDir, databaseUrl, remove } = placed;
  for (let attempt = 1; ; attempt++) {
    const env = settings(await freePort(), options, placed);
    rememberSecret(env.LATCHKEY_MASTER_KEY);
    rememberSecret(env.LATCHKEY_ADMIN_CLIENT_SECRET);
    const server = new TestServer(env, dataDir, databaseUrl, remove, options.isBusy && []);
    try {
      await server.start();
      return server;
    } catch (error) {
      const taken =
        error instanceof ServerDidNotStart && `${error.stdout}${error.stderr}`.includes('EADDRINUSE');
      if (!taken || options.env?.PORT || attempt === PORT_ATTEMPTS) {
        await remove();
        throw error;
      }
    }
  }
}
