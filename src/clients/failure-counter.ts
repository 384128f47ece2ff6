import { createHmac, randomBytes } from 'node:crypto';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { Pool } from 'mysql2/promise';
import { RateLimiterMemory, RateLimiterMySQL, type RateLimiterRes } from 'rate-limiter-flexible';
import { nowMilliseconds } from '../crypto/clock.js';
import { openMysqlPool } from '../database/mysql.js';
import type { MysqlPulse } from '../database/mysql-pulse.js';
import type { Lookup, RowReader } from '../database/row-reader.js';
import type { UnitOfWork } from '../database/unit-of-work.js';

export const FAILURE_TABLE = 'failure_count';

const COUNT: Lookup = {
  select: `SELECT f.\`key\` AS counted, f.points, f.expire FROM ${FAILURE_TABLE} f`,
  by: 'f.`key`',
};

/** The library counts; how many are too many is for the limits to say. */
const WINDOW = { points: Number.MAX_SAFE_INTEGER, duration: 60, keyPrefix: '' };
const MOST_KEYS = 200_000;
const PLACES = 2 ** 17;
const CONNECTIONS = 2;

/** How often something failed in a minute that began with its first failure. */
export interface Tally {
  failures: number;
  endsInMilliseconds: number;
}

/** Counts failures by key. What a key stands for, and how many are too many, is left to the limits. */
export abstract class FailureCounter {
  /** Counts one more; the answer counts it in. */
  abstract add(key: string): Promise<Tally>;
  abstract read(key: string): Promise<Tally>;
}

/**
 * The count of one process. In a flood of more keys than it keeps, the further ones share a fixed number of places;
 * which share one is a secret of the process, so that nobody can aim at the place of another.
 */
export class MemoryFailureCounter extends FailureCounter {
  private readonly limiter = new RateLimiterMemory(WINDOW);
  private readonly placing = randomBytes(32);
  private kept = 0;

  async add(key: string): Promise<Tally> {
    const result = await this.limiter.penalty(await this.placeOf(key));
    if (result.isFirstInDuration) this.keep();
    return tallyOf(result);
  }

  async read(key: string): Promise<Tally> {
    return tallyOf(await this.limiter.get(await this.placeOf(key)));
  }

  private async placeOf(key: string): Promise<string | number> {
    if (this.kept < MOST_KEYS || (await this.limiter.get(key))) return key;
    return createHmac('sha256', this.placing).update(key).digest().readUInt32BE() % PLACES;
  }

  private keep(): void {
    this.kept++;
    setTimeout(() => this.kept--, WINDOW.duration * 1000).unref();
  }
}

/** The count that all processes of a MySQL database share. */
export class MysqlFailureCounter extends FailureCounter implements OnApplicationShutdown {
  private readonly pool: Pool;
  private readonly limiter: RateLimiterMySQL;

  constructor(
    url: string,
    private readonly unitOfWork: UnitOfWork,
    private readonly reader: RowReader,
    pulse: MysqlPulse | undefined,
  ) {
    super();
    this.pool = openMysqlPool(url, CONNECTIONS, pulse);
    this.limiter = new RateLimiterMySQL({
      ...WINDOW,
      storeClient: this.pool.pool,
      storeType: 'pool',
      dbName: decodeURIComponent(new URL(url).pathname.slice(1)),
      tableName: FAILURE_TABLE,
      // The table is the migration's; ended rows are removed in small steps by the sweeper.
      tableCreated: true,
      clearExpiredByTimeout: false,
    });
  }

  async add(key: string): Promise<Tally> {
    return tallyOf(await this.unitOfWork.query(() => this.limiter.penalty(key)));
  }

  /** Not by the library, whose every read is a query of its own. */
  async read(key: string): Promise<Tally> {
    const [, points, expire] = (await this.reader.find(COUNT, key)) ?? [];
    return tallyFor(Number(points ?? 0), Number(expire ?? 0) - nowMilliseconds());
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.end();
  }
}

const tallyOf = (result: RateLimiterRes | null): Tally =>
  tallyFor(result?.consumedPoints ?? 0, result?.msBeforeNext ?? 0);

const tallyFor = (failures: number, milliseconds: number): Tally =>
  milliseconds > 0
    ? { failures, endsInMilliseconds: Math.min(milliseconds, WINDOW.duration * 1000) }
    : { failures: 0, endsInMilliseconds: 0 };
