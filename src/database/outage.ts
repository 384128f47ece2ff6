import { Injectable } from '@nestjs/common';
import { Log } from '../config/log.js';
import { TemporarilyUnavailable } from '../protocol/unavailable.js';
import type { JobObserver } from '../runtime/background-job.js';
import { absenceOf, isDuplicate } from './storage-error.js';

/** What was noticed longer ago is another matter. */
const SAME_OUTAGE_MILLISECONDS = 60_000;
const BETWEEN_REQUESTS_TOLD_MILLISECONDS = 1000;

/**
 * Tells the log once that the database cannot be used and once that it can be again. What fails beside the requests
 * meanwhile is told for debugging only; what fails for another reason, always.
 */
@Injectable()
export class Outage implements JobObserver {
  /** Whose success ends it. */
  private begunBy: object | undefined;
  private begunAt = 0;
  private watched = false;
  private requestToldAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly log: Log) {}

  /** How loud a request is told that failed so: while the database is busy or away, one in a second is enough. */
  levelOf(error: unknown): 'error' | 'warn' | 'debug' {
    if (!(error instanceof TemporarilyUnavailable) || isDuplicate(error)) return 'error';
    const now = performance.now();
    if (this.begunBy || now - this.requestToldAt < BETWEEN_REQUESTS_TOLD_MILLISECONDS) return 'debug';
    this.requestToldAt = now;
    return 'warn';
  }

  /** By somebody who looks all the time: so it ends when he says so, whoever noticed it first. */
  isSeen(by: object, code: string): void {
    if (this.begunBy !== by && this.isOld()) this.begunBy = undefined;
    this.begins(by, code);
    this.begunBy = by;
    this.watched = true;
  }

  /** Who noticed it may not have anything to do for an hour: then another one's success will do. */
  succeeded(by: object): void {
    const ends = this.begunBy === by || (!this.watched && this.isOld());
    if (!this.begunBy || !ends) return;
    this.begunBy = undefined;
    this.log.info({}, 'the database can be used again');
  }

  failed(by: object, error: unknown, failureMessage: string): void {
    const code = absenceOf(error);
    if (code === undefined) {
      // By name: a database's message may hold values.
      this.log.warn({ fault: (error as Error).name }, failureMessage);
    } else {
      this.begins(by, code);
      this.log.debug({ code }, failureMessage);
    }
  }

  private isOld(): boolean {
    return performance.now() - this.begunAt > SAME_OUTAGE_MILLISECONDS;
  }

  private begins(by: object, code: string): void {
    if (this.begunBy) return;
    this.begunBy = by;
    this.watched = false;
    this.begunAt = performance.now();
    this.log.warn({ code }, 'the database cannot be used');
  }
}
