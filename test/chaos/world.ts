import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { admin } from '../support/admin.js';
import { TestClock } from '../support/clock.js';
import { NATIVE } from '../support/dialects.js';
import { form, get } from '../support/http.js';
import { corruptionIn } from '../support/integrity.js';
import { aClient, type TestClient } from '../support/registration.js';
import { startServer, type TestServer } from '../support/server.js';
import { hasDisks, SmallDisk } from '../support/small-disk.js';
import { servesAgain } from '../support/timed.js';
import { ChaosDatabase } from './chaos-database.js';
import { Journal } from './journal.js';
import { until } from './process.js';
import { judge, judgeRefreshTokens, type Verdict } from './verdict.js';
import { Workload } from './workload.js';

const DISK_MEBIBYTES = 400;
const MIN_ISSUED = 15;
/** No token expires meanwhile. */
const DAY_SECONDS = 86_400;

/** Two processes of the server on one database, on a disk of its own, and the journal of what they confirm. */
export class World {
  readonly journal: Journal;
  readonly workload: Workload;
  /** How many faults there have been. */
  rounds = 0;
  /** How far the journal has been judged. */
  private judged = 0;
  private slowestStartMs = 0;

  private constructor(
    /** A folder that no fault concerns. */
    readonly outside: string,
    /** Undefined where a test cannot mount one. */
    readonly disk: SmallDisk | undefined,
    /** Undefined on SQLite. */
    readonly database: ChaosDatabase | undefined,
    /** Of the first process. */
    readonly clock: TestClock,
    readonly servers: readonly [TestServer, TestServer],
    private readonly client: TestClient,
    reader: TestClient,
  ) {
    this.journal = new Journal(join(outside, 'journal.jsonl'));
    this.workload = new Workload(servers, client, reader, this.journal);
  }

  static async open(isPooled = false): Promise<World> {
    const outside = mkdtempSync(join(tmpdir(), 'latchkey-chaos-'));
    const disk = hasDisks ? SmallDisk.make(DISK_MEBIBYTES) : undefined;
    const database = await ChaosDatabase.start(disk?.path ?? '/tmp', isPooled).catch((error) => {
      disk?.remove();
      throw error;
    });
    try {
      return await World.on(outside, disk, database);
    } catch (error) {
      await database?.stop();
      disk?.remove();
      throw error;
    }
  }

  private static async on(
    outside: string,
    disk: SmallDisk | undefined,
    database: ChaosDatabase | undefined,
  ): Promise<World> {
    const clock = new TestClock();
    const place = database
      ? { databaseUrl: database.line.databaseUrl }
      : { dataDir: join(disk?.path ?? outside, 'data') };
    const first = await startServer({ ...place, env: clock.env });
    const second = await startServer({ ...place, beside: first, env: { NODE_OPTIONS: undefined } });
    const put = () => admin(first).put('/Resource/book', { operations: [{ name: 'read' }] });
    await until(async () => (await put()).status < 300, 30_000, 'the first write did not succeed');
    const tokens = { refresh_token: true, access_token_expiration: DAY_SECONDS };
    const client = await aClient(first).withTokens(tokens).register();
    const reader = await aClient(first).withGrant('Session:*:introspect').register();
    return new World(outside, disk, database, clock, [first, second], client, reader);
  }

  /** Waits until the load has issued tokens. */
  async warm(): Promise<void> {
    this.rounds++;
    const { issued } = this.workload;
    await until(() => this.workload.issued >= issued + MIN_ISSUED, 10_000, 'no token was issued');
  }

  /** Of a process, from its launch until it is ready. */
  started(ms: number): void {
    this.slowestStartMs = Math.max(this.slowestStartMs, Math.round(ms));
  }

  /** In milliseconds, since the last call; undefined if none was started. */
  takeSlowestStart(): number | undefined {
    const slowest = this.slowestStartMs;
    this.slowestStartMs = 0;
    return slowest || undefined;
  }

  /** Resolves to the milliseconds until both processes issue tokens and are ready. */
  async untilServing(maxMs: number): Promise<number> {
    const began = performance.now();
    for (const server of this.servers) {
      await servesAgain(() => get(`${server.url}/health/ready`).catch(broken), maxMs);
      const ask = () =>
        form(server.url + NATIVE.token, { grant_type: 'client_credentials' }, this.client.basic);
      await servesAgain(() => ask().catch(broken), maxMs);
    }
    return Math.round(performance.now() - began);
  }

  /** Of the tokens that were written down since the last time, or of all. */
  async judge(all = false): Promise<Verdict> {
    const entries = this.journal.read();
    const since = all ? 0 : this.judged;
    this.judged = entries.length;
    return judge(entries.slice(since), this.servers, this.workload);
  }

  judgeRefreshTokens(): Promise<Pick<Verdict, 'lost' | 'risen'>> {
    return judgeRefreshTokens(this.journal.read(), this.servers[1], this.client);
  }

  corruption(): Promise<unknown[]> {
    const { database, servers } = this;
    return corruptionIn(database ? { databaseUrl: database.adminUrl, dataDir: '' } : servers[0]);
  }

  async close(): Promise<void> {
    for (const server of this.servers) await server.kill();
    for (const server of this.servers) await server.stop();
    await this.database?.stop();
    this.disk?.remove();
    this.clock.remove();
    this.journal.close();
    rmSync(this.outside, { recursive: true, force: true });
  }
}

/** No answer at all. */
const broken = (error: Error) => ({
  status: 0,
  headers: new Headers(),
  text: String(error.cause),
  body: undefined,
});
