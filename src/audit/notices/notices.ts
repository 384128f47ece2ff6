import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Settings } from '../../config/settings.js';
import { appendStatement, byPrimaryKeys, DurableWriter, places } from '../../database/durable-writer.js';
import { Outage } from '../../database/outage.js';
import { RowReader } from '../../database/row-reader.js';
import { TemporarilyUnavailable } from '../../protocol/unavailable.js';
import { BackgroundJob } from '../../runtime/background-job.js';
import type { AuditEntry } from '../audit-event.js';
import { AuditChain } from '../chain/audit-chain.js';

const NOTICE_TABLE = { table: 'audit_notice', columns: ['id', 'kept_until'] };

const WRITE_INTERVAL_MS = { busy: 50, idle: 500 };
const MAX_WAITING = 1000;
const MAX_PER_WRITE = 100;
/** Other processes append to the chain as well. */
const MAX_ATTEMPTS = 5;
const MAX_REMOVED = 200;

/** An audit event about a state, such as a secret that is about to expire. */
export interface Notice {
  /** Whatever makes it a new notice: the object, the threshold, the period. */
  key: string;
  /** Until then the same key is recorded once only; epoch milliseconds. */
  keptUntil: number;
  entry: AuditEntry;
}

/**
 * Records each notice once, however many processes find it and however often: its event is committed together with a
 * mark of its key. Off unless an output of events is configured, so that it costs nothing where nothing reads it.
 */
@Injectable()
export class Notices extends BackgroundJob {
  readonly enabled: boolean;
  private readonly waiting = new Map<string, Notice>();

  constructor(
    { webhook, auditLog }: Settings,
    private readonly chain: AuditChain,
    private readonly reader: RowReader,
    private readonly writer: DurableWriter,
    outage: Outage,
  ) {
    super(outage, { intervalMs: WRITE_INTERVAL_MS, failureMessage: 'notices not written; will be retried' });
    this.enabled = webhook !== undefined || auditLog;
  }

  override onApplicationBootstrap(): void {
    if (this.enabled) this.start();
  }

  /** Recorded within a second. It never fails and never blocks; a finder that sees the state again repeats it. */
  note(notice: Notice): void {
    if (this.enabled && this.waiting.size < MAX_WAITING) this.waiting.set(notice.key, notice);
  }

  /** Records those of at most a hundred notices that are new. */
  async record(notices: readonly Notice[]): Promise<void> {
    for (let tries = 0; tries < MAX_ATTEMPTS; tries++) {
      if ((await this.unrecorded(notices)).length === 0) return;
      const written = await this.chain.tryAppend(async () => {
        const fresh = await this.unrecorded(notices);
        const marks = fresh.map(({ key, keptUntil }) => [idOf(key), keptUntil]);
        return {
          entries: fresh.map(({ entry }) => entry),
          also: fresh.length > 0 ? [appendStatement(NOTICE_TABLE, marks)] : [],
        };
      });
      if (written) return;
    }
    throw new TemporarilyUnavailable();
  }

  /** Removes marks whose time has passed; resolves to whether there are probably more. */
  async removeMarks(now: number): Promise<boolean> {
    const old = await this.reader.read(
      `SELECT id FROM audit_notice WHERE kept_until < ? ORDER BY kept_until LIMIT ${MAX_REMOVED}`,
      [now],
    );
    if (old.length === 0) return false;
    const values = old.map(({ id }) => String(id));
    await this.writer.write({
      statements: [{ sql: `DELETE FROM audit_notice WHERE ${byPrimaryKeys('id', values)}`, values }],
    });
    return old.length === MAX_REMOVED;
  }

  protected async step(): Promise<boolean> {
    const batch = [...this.waiting.values()].slice(0, MAX_PER_WRITE);
    await this.record(batch);
    for (const { key } of batch) this.waiting.delete(key);
    return this.waiting.size > 0;
  }

  private async unrecorded(notices: readonly Notice[]): Promise<Notice[]> {
    if (notices.length === 0) return [];
    const ids = notices.map(({ key }) => idOf(key));
    const rows = await this.reader.read(`SELECT id FROM audit_notice WHERE id IN (${places(ids)})`, ids);
    const known = new Set(rows.map(({ id }) => String(id)));
    return notices.filter((_, place) => !known.has(ids[place] as string));
  }
}

/** Of equal length and alphabet, whatever a key holds. */
const idOf = (key: string): string => createHash('sha256').update(key).digest('base64url');
