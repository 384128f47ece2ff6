import { Injectable } from '@nestjs/common';
import type { AuditEntry } from '../../audit/audit-event.js';
import { AuditChain } from '../../audit/chain/audit-chain.js';
import { Log } from '../../config/log.js';
import { continueAfter, idMilliseconds } from '../../crypto/time-ordered-id.js';
import { byPrimaryKeys, DurableWriter, places, type Statement } from '../../database/durable-writer.js';
import { Outage } from '../../database/outage.js';
import { type Row, RowReader, type Values } from '../../database/row-reader.js';
import { BackgroundJob } from '../../runtime/background-job.js';
import { sharedMilliseconds } from '../../runtime/clock.js';
import { lateNote, NOTE_TABLE } from '../session-notes.js';
import { firstIdOf, timeOfId } from '../session-row.js';
import { TokenCounts } from '../token-counts.js';
import { closingEntries } from './closing-audit.js';
import { IssuanceScan } from './issuance-scan.js';
import { ISSUED_COLUMNS, Issuances } from './issuances.js';

/** How far the scan stays behind the clock: longer than a session takes from its id to its commit. */
const SCAN_DELAY_MS = 5000;
/** A session that took longer gets a note; the rest of the delay allows for clock differences. */
export const LATE_MILLISECONDS = 2000;

/** For how long a process leaves the scan to another one that has just advanced it. */
const YIELD_MS = 10_000;
/** A scan position that is further ahead was set by a clock that had jumped. */
const MAX_AHEAD_MS = 60_000;
/** Sessions whose ids the scan of another process has passed already. */
const MAX_PASSED = 1000;
/** Other processes append to the chain as well; the gathered sessions stay valid. */
const MAX_ATTEMPTS = 5;

const NOTES_PER_STEP = 200;

/**
 * Audits the issuance of tokens from the rows of their sessions, in the order of their ids, and the closing of sessions
 * from the outbox `session_note`. Events are appended in one transaction with the new scan position or the removal of
 * the notes, so any number of processes can do it, and each session is recorded exactly once.
 */
@Injectable()
export class SessionAudit extends BackgroundJob {
  private readonly scan: IssuanceScan;
  private readonly stopping = new AbortController();
  private yieldUntil = 0;
  private aheadReported = false;

  constructor(
    private readonly chain: AuditChain,
    private readonly reader: RowReader,
    private readonly writer: DurableWriter,
    private readonly log: Log,
    private readonly counts: TokenCounts,
    outage: Outage,
  ) {
    super(outage, {
      intervalMs: { busy: 20, idle: 1000 },
      failureMessage: 'session audit failed and will be retried',
    });
    this.scan = new IssuanceScan(reader, this.stopping.signal);
  }

  override async onApplicationBootstrap(): Promise<void> {
    await this.advanceIds();
    this.start();
  }

  override async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.stop();
  }

  /** Resolves to whether there is probably more to do. */
  protected async step(): Promise<boolean> {
    await this.advanceIds();
    const issued = await this.auditIssued();
    const noted = await this.auditNoted();
    return issued || noted;
  }

  /**
   * Makes new ids greater than the scan position, even if a faster clock has set it: a smaller id would never be
   * scanned. Sessions that already have a smaller id are noted as late.
   */
  private async advanceIds(): Promise<void> {
    const position = await this.scan.position();
    if (position === '') return;
    const at = timeOfId(position);
    this.reportAhead(at - sharedMilliseconds());
    const before = idMilliseconds();
    if (continueAfter(at + SCAN_DELAY_MS) <= 0) return;
    const passed = await this.reader.read(
      `SELECT id, client_id FROM session WHERE id > ? AND id < ? AND id <= ? ORDER BY id DESC LIMIT ${MAX_PASSED}`,
      [firstIdOf(before - 2 * SCAN_DELAY_MS), firstIdOf(before + 1), position],
    );
    const notes = passed.map(({ id, client_id }) =>
      lateNote({ id: String(id), clientId: String(client_id) }, sharedMilliseconds()),
    );
    await Promise.all(notes.map((row) => this.writer.write({ into: NOTE_TABLE, row })));
  }

  private reportAhead(ahead_ms: number): void {
    const isAhead = ahead_ms > MAX_AHEAD_MS;
    if (isAhead && !this.aheadReported)
      this.log.warn({ ahead_ms }, 'session ids are ahead of the clock: new ids continue after them');
    this.aheadReported = isAhead;
  }

  private async auditIssued(): Promise<boolean> {
    if (performance.now() < this.yieldUntil) return false;
    const { issuances, after, full } = await this.scan.gather(settledId());
    if (issuances.last === undefined) return false;
    const counted = [...this.counts.additions(issuances.counts()), ...this.counts.cleanup()];
    const addition = {
      entries: issuances.entries(false),
      also: [this.scan.moveTo(issuances.last), ...counted],
    };
    for (let tries = 0; tries < MAX_ATTEMPTS; tries++) {
      const appended = await this.chain.tryAppend(async () =>
        (await this.scan.position()) === after ? addition : undefined,
      );
      if (appended) return full;
      if ((await this.scan.position()) === after) continue;
      this.yieldUntil = performance.now() + YIELD_MS;
      return false;
    }
    return false;
  }

  private async auditNoted(): Promise<boolean> {
    let notes: Row[] = [];
    let entries: AuditEntry[] = [];
    const appended = await this.chain.tryAppend(async () => {
      notes = await this.notes();
      const closed = notes.filter(({ kind }) => kind === 'closing');
      const late = new Issuances().add(await this.issued(notes.filter(({ kind }) => kind === 'late')));
      entries = [...closingEntries(closed), ...late.entries(true)];
      return { entries, also: [removal(notes), ...this.counts.additions(late.counts())] };
    });
    // Notes of late sessions that have been removed produce no event.
    if (entries.length === 0 && notes.length > 0) await this.writer.write({ statements: [removal(notes)] });
    return appended && notes.length === NOTES_PER_STEP;
  }

  private notes(): Promise<Row[]> {
    return this.reader.read(
      `SELECT id, kind, session_id, client_id, noted_at, reason, agent_id, agent_session_id, address
       FROM session_note WHERE id < ? ORDER BY id LIMIT ${NOTES_PER_STEP}`,
      [settledId()],
    );
  }

  private async issued(notes: readonly Row[]): Promise<Values[]> {
    if (notes.length === 0) return [];
    return this.reader.readValues(
      `SELECT ${ISSUED_COLUMNS} FROM session s WHERE s.id IN (${places(notes)}) ORDER BY s.id`,
      notes.map(({ session_id }) => String(session_id)),
    );
  }
}

/** Smaller than the id of any session that may not be committed yet. */
const settledId = (): string => firstIdOf(idMilliseconds() - SCAN_DELAY_MS);

const removal = (notes: readonly Row[]): Statement => ({
  sql: `DELETE FROM session_note WHERE ${byPrimaryKeys('id', notes)}`,
  values: notes.map(({ id }) => String(id)),
});
