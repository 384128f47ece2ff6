import { Injectable } from '@nestjs/common';
import { Log } from '../config/log.js';
import { TemporarilyUnavailable } from '../protocol/unavailable.js';
import type { JobObserver } from '../runtime/background-job.js';
import type { SetAside } from './engine/location.js';
import { absenceOf, isDuplicate } from './storage-error.js';

/** An error noticed longer ago belongs to another outage. */
const SAME_OUTAGE_MILLISECONDS = 60_000;
const REQUEST_LOG_INTERVAL_MS = 1000;

export interface HostChange {
  from: string;
  host: string;
  version: string;
  role: string;
}

/**
 * Logs once when the database becomes unreachable and once when it is reachable again. Meanwhile, failures of
 * background work are logged at debug level, unless they have another cause.
 */
@Injectable()
export class Outage implements JobObserver {
  /** The component whose success ends the outage. */
  private reportedBy: object | undefined;
  private begunAt = 0;
  private monitored = false;
  private requestLoggedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly log: Log) {}

  /**
   * The log level for a request that failed with this error: while the database is busy or unreachable, one entry a
   * second is enough.
   */
  levelOf(error: unknown): 'error' | 'warn' | 'debug' {
    if (!(error instanceof TemporarilyUnavailable) || isDuplicate(error)) return 'error';
    const now = performance.now();
    if (this.reportedBy || now - this.requestLoggedAt < REQUEST_LOG_INTERVAL_MS) return 'debug';
    this.requestLoggedAt = now;
    return 'warn';
  }

  /**
   * Reported by a component that probes continuously: only its own success ends the outage, whichever component
   * noticed it first.
   */
  detected(by: object, code: string): void {
    if (this.reportedBy !== by && this.isOld()) this.reportedBy = undefined;
    this.begins(by, code);
    this.reportedBy = by;
    this.monitored = true;
  }

  /**
   * A component that noticed the outage may be idle for an hour, so after a while any other component's success ends
   * it.
   */
  succeeded(by: object): void {
    const ends = this.reportedBy === by || (!this.monitored && this.isOld());
    if (!this.reportedBy || !ends) return;
    this.reportedBy = undefined;
    this.log.info({}, 'database reachable again');
  }

  failed(by: object, error: unknown, failureMessage: string): void {
    const code = absenceOf(error);
    if (code === undefined) {
      // By name only: a database's message can contain values.
      this.log.warn({ fault: (error as Error).name }, failureMessage);
    } else {
      this.begins(by, code);
      this.log.debug({ code }, failureMessage);
    }
  }

  /** All connections lead to another host now. */
  hostChanged(details: HostChange): void {
    this.log.warn(details, 'database host changed');
  }

  /** A host of the list is not used until it is usable again. */
  hostSetAside(details: SetAside): void {
    this.log.warn(details, 'database host set aside');
  }

  private isOld(): boolean {
    return performance.now() - this.begunAt > SAME_OUTAGE_MILLISECONDS;
  }

  private begins(by: object, code: string): void {
    if (this.reportedBy) return;
    this.reportedBy = by;
    this.monitored = false;
    this.begunAt = performance.now();
    this.log.warn({ code }, 'database unreachable');
  }
}
