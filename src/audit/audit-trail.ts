import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Log } from '../config/log.js';
import { Outage } from '../database/outage.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { sharedMilliseconds } from '../runtime/clock.js';
import type { AuditEntry } from './audit-event.js';
import { AuditChain } from './chain/audit-chain.js';
import { AuditCheckpoints } from './chain/audit-checkpoints.js';

const WRITE_INTERVAL_MS = 500;
const RETRY_DELAY_MS = 2000;
const MAX_WAITING = 10_000;
const MAX_PER_WRITE = 256;
const MAX_FINAL_ATTEMPTS = 20;
/** Of one transaction, at once. */
const MAX_PER_APPEND = 200;

/**
 * Accepts audit entries, either in the transaction of a change or after a response that must not wait for them.
 */
@Injectable()
export class AuditTrail implements OnApplicationShutdown {
  private waiting: AuditEntry[] = [];
  private lost = 0;
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly chain: AuditChain,
    private readonly checkpoints: AuditCheckpoints,
    private readonly log: Log,
    private readonly outage: Outage,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.writing;
    try {
      for (let tries = 0; this.waiting.length > 0 && tries < MAX_FINAL_ATTEMPTS; tries++) await this.write();
      await this.checkpoints.write();
    } catch (error) {
      this.logFailure(error);
    }
    if (this.waiting.length > 0) this.log.error({ events: this.waiting.length }, 'audit events lost');
  }

  /** How many events are not written yet. */
  get unwritten(): number {
    return this.waiting.length;
  }

  /**
   * Written at the end of the open transaction, together with its other events: committed with the change it describes, or
   * not at all.
   */
  async record(...entries: AuditEntry[]): Promise<void> {
    if (!this.unitOfWork.collect(this.append, entries)) await this.append(entries);
  }

  private readonly append = async (entries: readonly AuditEntry[]): Promise<void> => {
    for (let start = 0; start < entries.length; start += MAX_PER_APPEND) {
      await this.chain.appendWithin(entries.slice(start, start + MAX_PER_APPEND));
    }
  };

  /**
   * Written within a second. It never fails and never blocks; entries that a crashed process had not written are
   * lost.
   */
  note(entry: AuditEntry): void {
    if (this.waiting.length >= MAX_WAITING) {
      this.lost++;
      return;
    }
    this.waiting.push({ date: sharedMilliseconds(), ...entry });
    this.schedule(WRITE_INTERVAL_MS);
  }

  private schedule(milliseconds: number): void {
    if (this.timer || this.stopped) return;
    this.timer = setTimeout(() => {
      this.writing = this.write().then(
        () => this.again(WRITE_INTERVAL_MS),
        (error) => {
          this.logFailure(error);
          this.again(RETRY_DELAY_MS);
        },
      );
    }, milliseconds);
    this.timer.unref();
  }

  private again(milliseconds: number): void {
    this.timer = undefined;
    if (this.waiting.length > 0) this.schedule(milliseconds);
  }

  /** Entries that cannot be written now are kept. */
  private async write(): Promise<void> {
    const batch = this.waiting.slice(0, MAX_PER_WRITE);
    const { lost } = this;
    const entries = lost > 0 ? [...batch, lostEntry(lost)] : batch;
    if (!(await this.chain.tryAppend(async () => ({ entries })))) return;
    this.waiting = this.waiting.slice(batch.length);
    this.lost -= lost;
    this.outage.succeeded(this);
  }

  private logFailure(error: unknown): void {
    this.outage.failed(this, error, 'audit write failed and will be retried');
  }
}

const lostEntry = (count: number): AuditEntry => ({
  action: 'audit.drop',
  outcome: 'failure',
  detail: { count, reason: 'the queue of unwritten events was full' },
});
