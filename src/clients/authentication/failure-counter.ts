import { createHmac, randomBytes } from 'node:crypto';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { Pool, RowDataPacket } from 'mysql2/promise';
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import type { MysqlSettings } from '../../config/settings.js';
import { openMysqlPool } from '../../database/mysql/mysql.js';
import type { MysqlHeartbeat } from '../../database/mysql/mysql-heartbeat.js';
import { inTransaction } from '../../database/mysql/mysql-transaction.js';
import type { Lookup, RowReader } from '../../database/row-reader.js';
import type { UnitOfWork } from '../../database/unit-of-work.js';
import { sharedMilliseconds } from '../../runtime/clock.js';

export const FAILURE_TABLE = 'failure_count';

const COUNT: Lookup = {
  select: `SELECT f.\`key\` AS counted, f.points, f.expire FROM ${FAILURE_TABLE} f`,
  by: 'f.`key`',
};

export const FAILURE_WINDOW_MS = 60_000;
/** Clock difference between processes. */
const MAX_SKEW_MS = 5000;
/** The library only counts; the limits are checked by AuthenticationThrottle. */
const WINDOW = { points: Number.MAX_SAFE_INTEGER, duration: FAILURE_WINDOW_MS / 1000, keyPrefix: '' };

/** A window that is over, or ends later than any valid one, is replaced. Points come first: MySQL assigns in order. */
const COUNT_ONE = `INSERT INTO ${FAILURE_TABLE} (\`key\`, points, expire) VALUES (?, 1, ?) ON DUPLICATE KEY UPDATE
  points = CASE WHEN expire > ? AND expire <= ? THEN points + 1 ELSE 1 END,
  expire = CASE WHEN expire > ? AND expire <= ? THEN expire ELSE ? END`;
const MAX_KEYS = 200_000;
const SHARED_BUCKETS = 2 ** 17;
const POOL = { connections: 2, lockWaitSeconds: 1, watching: { statementMs: 1500 } };

/** The failures in a window of one minute that begins with the first failure. */
export interface Tally {
  failures: number;
  endsInMilliseconds: number;
}

/** Counts failures by key. Keys and limits are defined by AuthenticationThrottle. */
export abstract class FailureCounter {
  /** Counts one more; the result includes it. */
  abstract add(key: string): Promise<Tally>;
  abstract read(key: string): Promise<Tally>;
  /** Whether no process has counted this guess within the last minute; in this process WrongSecrets checks it. */
  abstract isNew(guess: string): Promise<boolean>;
}

/**
 * The counts of one process. Above MAX_KEYS, further keys share a fixed number of buckets. The bucket of a key depends on
 * a random key of the process, so an attacker cannot choose to share the bucket of a given client.
 */
export class MemoryFailureCounter extends FailureCounter {
  private readonly limiter = new RateLimiterMemory(WINDOW);
  private readonly bucketKey = randomBytes(32);
  private kept = 0;

  async add(key: string): Promise<Tally> {
    const result = await this.limiter.penalty(await this.storedKey(key));
    if (result.isFirstInDuration) this.keep();
    return tallyOf(result);
  }

  async read(key: string): Promise<Tally> {
    return tallyOf(await this.limiter.get(await this.storedKey(key)));
  }

  async isNew(): Promise<boolean> {
    return true;
  }

  private async storedKey(key: string): Promise<string | number> {
    if (this.kept < MAX_KEYS || (await this.limiter.get(key))) return key;
    return createHmac('sha256', this.bucketKey).update(key).digest().readUInt32BE() % SHARED_BUCKETS;
  }

  private keep(): void {
    this.kept++;
    setTimeout(() => this.kept--, FAILURE_WINDOW_MS).unref();
  }
}

/** The counts that all processes of a MySQL database share. */
export class MysqlFailureCounter extends FailureCounter implements OnApplicationShutdown {
  private readonly pool: Pool;

  constructor(
    settings: MysqlSettings,
    private readonly unitOfWork: UnitOfWork,
    private readonly reader: RowReader,
    heartbeat: MysqlHeartbeat | undefined,
  ) {
    super();
    this.pool = openMysqlPool(settings, POOL, heartbeat?.connections);
  }

  async add(key: string): Promise<Tally> {
    const now = sharedMilliseconds();
    const end = now + FAILURE_WINDOW_MS;
    const last = end + MAX_SKEW_MS;
    let counted: RowDataPacket[] = [];
    await this.unitOfWork.query(() =>
      inTransaction(this.pool, async (connection) => {
        await connection.execute(COUNT_ONE, [key, end, now, last, now, last, end]);
        // The row is locked until the commit, so concurrent transactions each read their own number.
        [counted] = await connection.execute<RowDataPacket[]>(`${COUNT.select} WHERE ${COUNT.by} = ?`, [key]);
        return true;
      }),
    );
    return tallyFor(Number(counted[0]?.points), Number(counted[0]?.expire) - now);
  }

  async read(key: string): Promise<Tally> {
    const [, points, expire] = (await this.reader.find(COUNT, key)) ?? [];
    return tallyFor(Number(points ?? 0), Number(expire ?? 0) - sharedMilliseconds());
  }

  async isNew(guess: string): Promise<boolean> {
    return (await this.add(guess)).failures === 1;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.end();
  }
}

const tallyOf = (result: RateLimiterRes | null): Tally =>
  tallyFor(result?.consumedPoints ?? 0, result?.msBeforeNext ?? 0);

const tallyFor = (failures: number, milliseconds: number): Tally =>
  milliseconds > 0 && milliseconds <= FAILURE_WINDOW_MS + MAX_SKEW_MS
    ? { failures, endsInMilliseconds: Math.min(milliseconds, FAILURE_WINDOW_MS) }
    : { failures: 0, endsInMilliseconds: 0 };
