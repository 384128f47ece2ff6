import { Injectable } from '@nestjs/common';
import { Log } from '../config/log.js';
import { Settings } from '../config/settings.js';
import { AgreedClock } from '../crypto/agreed-clock.js';
import { DurableWriter } from '../database/durable-writer.js';
import { Outage } from '../database/outage.js';
import { RowReader } from '../database/row-reader.js';
import { BackgroundJob } from '../runtime/background-job.js';
import { endOf, eventOf, SELECT_ANCHOR, SELECT_EVENTS, SELECT_HEAD, type StoredEvent } from './audit-row.js';
import { AuditTrail } from './audit-trail.js';
import { AuditKey } from './chain/audit-key.js';
import { faultOf } from './chain/broken-chain.js';
import { type ChainEnd, isSealed, sealed } from './chain/chain.js';

const EVENTS_IN_A_STEP = 200;
const DAY_MILLISECONDS = 24 * 3600 * 1000;
const STEP_INTERVAL_MS = { busy: 50, idle: 60_000 };

/**
 * Deletes events past the retention period, a few at a time and in chain order. The new anchor is signed: the rest
 * still verifies, and no other program can truncate the chain.
 */
@Injectable()
export class AuditRetention extends BackgroundJob {
  constructor(
    private readonly settings: Settings,
    private readonly key: AuditKey,
    private readonly reader: RowReader,
    private readonly writer: DurableWriter,
    private readonly trail: AuditTrail,
    private readonly log: Log,
    private readonly clock: AgreedClock,
    outage: Outage,
  ) {
    super(outage, {
      intervalMs: STEP_INTERVAL_MS,
      failureMessage: 'audit retention failed',
    });
  }

  override onApplicationBootstrap(): void {
    if (this.settings.auditRetentionDays > 0) this.start(STEP_INTERVAL_MS.busy);
  }

  /** Resolves to whether it deleted any. */
  protected async step(): Promise<boolean> {
    const now = this.clock.removalMilliseconds();
    if (now === undefined) return false;
    const anchor = endOf((await this.reader.read(SELECT_ANCHOR, []))[0]);
    // A forged anchor must not become the basis of a genuine one.
    if (!anchor || !isSealed(this.key.bytes, 'anchor', anchor)) return false;
    const head = endOf((await this.reader.read(SELECT_HEAD, []))[0]);
    if (!head || !isSealed(this.key.bytes, 'head', head)) return false;
    const oldest = await this.reader.read(
      `${SELECT_EVENTS} WHERE sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ${EVENTS_IN_A_STEP}`,
      [anchor.sequence, head.sequence],
    );
    const events = oldest.map(eventOf);
    const before = now - this.settings.auditRetentionDays * DAY_MILLISECONDS;
    const kept = events.findIndex(({ date }) => date >= before);
    const old = kept < 0 ? events : events.slice(0, kept);
    const last = old.at(-1);
    if (!last) return false;
    this.recordBreak(anchor, old);
    const next = sealed(this.key.bytes, 'anchor', {
      sequence: last.sequence,
      hash: last.hash,
      date: last.date,
    });
    const moved = await this.writer.write({
      statements: [
        {
          sql: 'UPDATE audit_anchor SET sequence = ?, hash = ?, occurred_at = ?, seal = ? WHERE id = 1 AND sequence = ?',
          values: [next.sequence, next.hash, next.date ?? 0, next.seal, anchor.sequence],
        },
        { sql: 'DELETE FROM audit_event WHERE sequence <= ?', values: [next.sequence] },
      ],
    });
    return moved;
  }

  /** Deleted events can never be verified again, so a fault in them is recorded in a new event. */
  private recordBreak(anchor: ChainEnd, old: readonly StoredEvent[]): void {
    let before: Pick<ChainEnd, 'sequence' | 'hash'> = anchor;
    for (const event of old) {
      const fault = faultOf(this.key.bytes, before, event);
      if (fault) {
        this.log.error({ sequence: fault.sequence }, 'audit chain broken');
        this.trail.note({
          action: 'audit.break',
          outcome: 'failure',
          detail: { reason: fault.message, sequence: fault.sequence },
        });
        return;
      }
      before = event;
    }
  }
}
