import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Log } from '../config/log.js';
import { DurableWriter } from '../database/durable-writer.js';
import { DatabaseEngine } from '../database/engine/engine.js';
import { Outage } from '../database/outage.js';
import { RowReader } from '../database/row-reader.js';
import { BackgroundJob } from '../runtime/background-job.js';
import { nowMilliseconds, shareTime } from '../runtime/clock.js';
import { SteadyClock } from '../runtime/steady-clock.js';

const READ_INTERVAL_MS = 1000;
/** A reply that took longer is too imprecise to use. */
const MAX_READ_MS = 500;
/** Clocks kept by NTP stay within this. */
const TOLERATED_SKEW_MILLISECONDS = 1000;
/** Between the two clocks that decide which rows are deleted. */
const MAX_SKEW_OF_REMOVAL_MILLISECONDS = 60_000;
const MARK_INTERVAL_MS = 60_000;
/** After a longer pause in serving, the time that passed cannot be verified. */
const MAX_GAP_MILLISECONDS = 5 * 60_000;
const DOUBT_MILLISECONDS = 6 * 3600 * 1000;

/**
 * Keeps the time that all processes of a database share: the database's time if it has a clock, the machine's otherwise.
 * Reports how far this process's clock deviates, and the time by which old rows may be deleted; there is none while a
 * clock is in doubt.
 */
@Injectable()
export class AgreedClock extends BackgroundJob implements OnModuleInit {
  private readonly steady = new SteadyClock();
  private doubtedUntil = 0;
  private markedAt = Number.NEGATIVE_INFINITY;
  private skewReported = false;

  constructor(
    private readonly engine: DatabaseEngine,
    private readonly reader: RowReader,
    private readonly writer: DurableWriter,
    private readonly log: Log,
    outage: Outage,
  ) {
    super(outage, {
      intervalMs: { busy: READ_INTERVAL_MS, idle: READ_INTERVAL_MS },
      failureMessage: 'clock comparison failed',
    });
  }

  async onModuleInit(): Promise<void> {
    this.steady.observe(await this.time(), performance.now());
    shareTime(() => this.steady.now());
    if (!this.engine.currentTime) await this.compareWithMark();
    this.start();
  }

  /** Started above: the modules after this one need the time in their bootstrap. */
  override onApplicationBootstrap(): void {}

  /** How far this process's clock is ahead of the shared time. */
  skewMilliseconds(): number {
    return Math.round(nowMilliseconds() - this.steady.now());
  }

  /**
   * The time by which old rows may be deleted: the earlier of two clocks. Undefined while one of them is in doubt,
   * because it has jumped or because the time since the database was last served cannot be verified.
   */
  removalMilliseconds(): number | undefined {
    const isInDoubt = performance.now() < this.doubtedUntil || this.steady.away !== 0;
    if (isInDoubt || Math.abs(this.skewMilliseconds()) > MAX_SKEW_OF_REMOVAL_MILLISECONDS) return undefined;
    return Math.floor(Math.min(nowMilliseconds(), this.steady.now()));
  }

  protected async step(): Promise<boolean> {
    const began = performance.now();
    const time = await this.time();
    const ended = performance.now();
    if (ended - began > MAX_READ_MS) return false;
    const before = this.steady.now();
    const observation = this.steady.observe(time, (began + ended) / 2);
    const jump_ms = Math.round(observation === 'followed' ? this.steady.now() - before : this.steady.away);
    if (observation === 'jumped')
      this.log.warn({ jump_ms }, 'clock jumped: removal by age suspended until it is back');
    if (observation === 'back') this.log.info({}, 'clock is back');
    if (observation === 'followed') {
      this.log.warn({ jump_ms }, 'clock jump accepted: the new time is used from now on');
      if (jump_ms > 0) this.doubt(jump_ms);
    }
    if (this.engine.currentTime) this.reportSkew();
    else if (this.removalMilliseconds() !== undefined) await this.mark();
    return false;
  }

  private async time(): Promise<number> {
    const { currentTime } = this.engine;
    if (!currentTime) return nowMilliseconds();
    const [row] = await this.reader.read(currentTime, []);
    return Number(row?.microseconds) / 1000;
  }

  private reportSkew(): void {
    const skew_ms = this.skewMilliseconds();
    const isSkewed = Math.abs(skew_ms) > TOLERATED_SKEW_MILLISECONDS;
    if (isSkewed === this.skewReported) return;
    this.skewReported = isSkewed;
    if (isSkewed) this.log.warn({ skew_ms }, 'process clock differs from the database clock');
    else this.log.info({ skew_ms }, 'process clock agrees with the database clock again');
  }

  /** The database's clock keeps running while no process does; for a machine's clock only the last mark is known. */
  private async compareWithMark(): Promise<void> {
    const [row] = await this.reader.read('SELECT trusted_at FROM clock_mark WHERE id = 1', []);
    const mark = Number(row?.trusted_at ?? 0);
    if (mark === 0) return;
    const ahead_ms = Math.round(this.steady.now()) - mark;
    if (ahead_ms < -TOLERATED_SKEW_MILLISECONDS)
      this.log.warn({ ahead_ms }, 'clock is behind the last time recorded in this database');
    if (ahead_ms > MAX_GAP_MILLISECONDS) this.doubt(ahead_ms);
  }

  private doubt(ahead_ms: number): void {
    this.doubtedUntil = performance.now() + DOUBT_MILLISECONDS;
    const hours = DOUBT_MILLISECONDS / 3_600_000;
    this.log.warn(
      { ahead_ms, hours },
      'clock is ahead and cannot be confirmed: removal by age suspended for some hours',
    );
  }

  private async mark(): Promise<void> {
    if (performance.now() - this.markedAt < MARK_INTERVAL_MS) return;
    this.markedAt = performance.now();
    await this.writer.write({
      statements: [
        {
          sql: 'UPDATE clock_mark SET trusted_at = ? WHERE id = 1',
          values: [Math.round(this.steady.now())],
        },
      ],
    });
  }
}
