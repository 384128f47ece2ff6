import type { AuditAction, AuditEvent } from '../audit/audit-event.js';
import type { AuditFeed } from '../audit/audit-feed.js';
import type { Log } from '../config/log.js';
import type { Outage } from '../database/outage.js';
import { BackgroundJob } from '../runtime/background-job.js';
import { pauseAfter } from './backoff.js';
import { type Cursor, type CursorName, type EventCursors, LeaseLost } from './event-cursors.js';

const STEP_INTERVAL_MS = { busy: 20, idle: 1000 };
/** Events of other kinds are passed in ranges, so that a step is bounded however few are wanted. */
const MAX_RANGE = 1000;
const MAX_EVENTS_PER_STEP = 50;

/** The receiver did not take an event; the message contains neither an address nor a secret. */
export class DeliveryFailed extends Error {}

export interface OutputServices {
  feed: AuditFeed;
  cursors: EventCursors;
  log: Log;
  outage: Outage;
}

interface OutputDefinition {
  name: CursorName;
  /** All of them if absent. */
  actions?: readonly AuditAction[];
}

/** Called when every event up to this one has been delivered. */
export type Delivered = (sequence: number) => Promise<void>;

/**
 * Delivers audit events in their order, each at least once: the cursor moves only after a delivery. One process at a time
 * delivers; it keeps nothing in memory between two steps, so a receiver may be dead for as long as events are retained.
 */
export abstract class EventOutput extends BackgroundJob {
  protected stopping = false;
  private cursor: Cursor | undefined;

  protected constructor(
    private readonly services: OutputServices,
    private readonly definition: OutputDefinition,
  ) {
    super(services.outage, {
      intervalMs: STEP_INTERVAL_MS,
      failureMessage: `delivery of events failed and will be retried (${definition.name})`,
    });
  }

  protected abstract readonly enabled: boolean;

  /** Throws DeliveryFailed. Ends early once `stopping` is set. */
  protected abstract deliver(events: readonly AuditEvent[], delivered: Delivered): Promise<void>;

  /** An output that was never on begins with the next event. */
  override async onApplicationBootstrap(): Promise<void> {
    if (!this.enabled) return;
    const { cursors, feed } = this.services;
    const { sequence } = await cursors.read(this.definition.name);
    if (sequence < 0) await cursors.begin(this.definition.name, (await feed.ends()).last);
    this.start(STEP_INTERVAL_MS.busy);
  }

  override async onApplicationShutdown(): Promise<void> {
    this.stopping = true;
    await this.stop();
    if (this.cursor)
      await this.services.cursors.release(this.cursor, this.cursor.failures, 0).catch(() => undefined);
  }

  protected async step(): Promise<boolean> {
    const { feed, cursors } = this.services;
    const ends = await feed.ends();
    const found = await cursors.read(this.definition.name);
    if (found.sequence === ends.last) return false;
    this.cursor = await cursors.claim(found);
    if (!this.cursor) return false;
    try {
      return await this.advance(this.startOf(this.cursor, ends), ends.last);
    } catch (error) {
      if (!(error instanceof LeaseLost)) throw error;
      this.cursor = undefined;
      return false;
    }
  }

  /** Extends the lease before something that takes long. */
  protected async renew(): Promise<void> {
    if (this.cursor) this.cursor = await this.services.cursors.renew(this.cursor);
  }

  /** Removed events are passed over, and so is a chain that has become shorter than the cursor. */
  private startOf({ sequence }: Cursor, { removed, last }: { removed: number; last: number }): number {
    const output = this.definition.name;
    if (sequence > last) {
      this.services.log.warn({ output, sequence, last }, 'event cursor is beyond the last audit event');
      return last;
    }
    if (sequence < removed)
      this.services.log.warn({ output, events: removed - sequence }, 'audit events removed before delivery');
    return Math.max(sequence, removed);
  }

  private async advance(after: number, last: number): Promise<boolean> {
    const upTo = Math.min(last, after + MAX_RANGE);
    const { actions } = this.definition;
    const events = await this.services.feed.read({
      after,
      upTo,
      limit: MAX_EVENTS_PER_STEP,
      ...(actions ? { actions } : {}),
    });
    try {
      await this.deliver(events, (sequence) => this.moveTo(sequence));
    } catch (error) {
      if (!(error instanceof DeliveryFailed)) throw error;
      await this.postpone(error.message);
      return false;
    }
    if (this.stopping) return false;
    if (events.length < MAX_EVENTS_PER_STEP) await this.moveTo(upTo);
    return upTo < last || events.length === MAX_EVENTS_PER_STEP;
  }

  private async moveTo(sequence: number): Promise<void> {
    const { cursor } = this;
    if (!cursor || cursor.sequence === sequence) return;
    this.cursor = await this.services.cursors.moveTo(cursor, sequence);
    if (cursor.failures > 0)
      this.services.log.info({ output: this.definition.name }, 'event receiver accepts events again');
  }

  private async postpone(reason: string): Promise<void> {
    const { cursor } = this;
    if (!cursor || this.stopping) return;
    const failures = cursor.failures + 1;
    const pause = pauseAfter(failures);
    this.services.log.warn(
      { output: this.definition.name, reason, failures, retry_seconds: pause / 1000 },
      'delivery of events failed and will be retried',
    );
    this.cursor = undefined;
    await this.services.cursors.release(cursor, failures, pause);
  }
}
