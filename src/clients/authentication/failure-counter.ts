import { createHmac, randomBytes } from 'node:crypto';
import type { OnApplicationShutdown } from '@nestjs/common';
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import { COUNT_TABLE, type WindowCounts } from '../../database/engine/window-counts.js';
import type { Lookup, RowReader } from '../../database/row-reader.js';
import type { UnitOfWork } from '../../database/unit-of-work.js';
import { sharedMilliseconds } from '../../runtime/clock.js';

const COUNT: Lookup = {
  select: `SELECT f.\`key\` AS counted, f.points, f.expire FROM ${COUNT_TABLE} f`,
  by: 'f.`key`',
};

export const FAILURE_WINDOW_MS = 60_000;
/** Clock difference between processes. */
const MAX_SKEW_MS = 5000;
/** The library only counts; the limits are checked by AuthenticationThrottle. */
const WINDOW = { points: Number.MAX_SAFE_INTEGER, duration: FAILURE_WINDOW_MS / 1000, keyPrefix: '' };

const MAX_KEYS = 200_000;
const SHARED_BUCKETS = 2 ** 17;

/** The failures in a window of one minute that begins with the first failure. */
export interface Tally {
  failures: number;
  endsInMilliseconds: number;
}

/** Counts failures by key. Keys and limits are defined by AuthenticationThrottle. */
export abstract class FailureCounter {
  /** Whether the counts are rows, which outlive their windows. */
  abstract readonly isShared: boolean;
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
  readonly isShared = false;
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

/** The counts that all processes of a database share. */
export class SharedFailureCounter extends FailureCounter implements OnApplicationShutdown {
  readonly isShared = true;

  constructor(
    private readonly counts: WindowCounts,
    private readonly unitOfWork: UnitOfWork,
    private readonly reader: RowReader,
  ) {
    super();
  }

  async add(key: string): Promise<Tally> {
    const now = sharedMilliseconds();
    const end = now + FAILURE_WINDOW_MS;
    const window = { now, end, last: end + MAX_SKEW_MS };
    const { points, expire } = await this.unitOfWork.query(() => this.counts.add(key, window));
    return tallyFor(points, expire - now);
  }

  async read(key: string): Promise<Tally> {
    const [, points, expire] = (await this.reader.find(COUNT, key)) ?? [];
    return tallyFor(Number(points ?? 0), Number(expire ?? 0) - sharedMilliseconds());
  }

  async isNew(guess: string): Promise<boolean> {
    return (await this.add(guess)).failures === 1;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.counts.close();
  }
}

const tallyOf = (result: RateLimiterRes | null): Tally =>
  tallyFor(result?.consumedPoints ?? 0, result?.msBeforeNext ?? 0);

const tallyFor = (failures: number, milliseconds: number): Tally =>
  milliseconds > 0 && milliseconds <= FAILURE_WINDOW_MS + MAX_SKEW_MS
    ? { failures, endsInMilliseconds: Math.min(milliseconds, FAILURE_WINDOW_MS) }
    : { failures: 0, endsInMilliseconds: 0 };
