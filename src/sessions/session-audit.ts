import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { AuditChain } from '../audit/audit-chain.js';
import type { AuditEntry } from '../audit/audit-event.js';
import { Log } from '../config/log.js';
import { continueAfter, idMilliseconds } from '../crypto/time-ordered-id.js';
import { byPrimaryKeys, DurableWriter, places, type Statement } from '../database/durable-writer.js';
import { Outage } from '../database/outage.js';
import { type Row, RowReader } from '../database/row-reader.js';
import { BackgroundJob } from '../runtime/background-job.js';
import { sharedMilliseconds } from '../runtime/clock.js';
import { closingEntries } from './closing-audit.js';
import { IssuanceScan } from './issuance-scan.js';
import { ISSUED_COLUMNS, Issuances } from './issuances.js';
import { lateNote, NOTE_TABLE } from './session-notes.js';
import { firstIdOf, timeOfId } from './session-row.js';

/** How far the scan stays behind the clock: longer than a session takes from its id to its commit. */
const BEHIND_MILLISECONDS = 5000;
/** A session that took longer than this gets a note; the rest of the time is for clocks that differ. */
export const LATE_MILLISECONDS = 2000;

/** Who finds that another process told the same meanwhile leaves it to that one for so long. */
const ASIDE_MILLISECONDS = 10_000;
/** A mark that is further ahead was set by a clock that had jumped. */
const TOLERATED_AHEAD_MILLISECONDS = 60_000;
/** Sessions whose ids another process has passed before this one learned of it. */
const MAX_PASSED = 1000;
/** Others append to the chain as well; what was gathered stays good. */
const MAX_ATTEMPTS = 5;

const NOTES_IN_A_STEP = 200;

/**
 * Audits the issuance of tokens from the rows of their sessions, in the order of their ids, and the closing of
 * sessions from its notes. Both go into the chain with the mark of how far they were told, or not at all; so any
 * number of processes may do it, and each session is told once.
 */
@Injectable()
export class SessionAudit implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly chore: BackgroundJob;
  private readonly scan: IssuanceScan;
  private readonly stopping = new AbortController();
  private asideUntil = 0;
  private aheadReported = false;

  constructor(
    private readonly chain: AuditChain,
    private readonly reader: RowReader,
    private readonly writer: DurableWriter,
    private readonly log: Log,
    outage: Outage,
  ) {
    this.scan = new IssuanceScan(reader, this.stopping.signal);
    this.chore = new BackgroundJob(outage, {
      step: () => this.tell(),
      intervalMs: { busy: 20, idle: 1000 },
      failureMessage: 'sessions could not be audited yet',
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.keepUp();
    this.chore.start();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.chore.stop();
  }

  /** One step; answers whether there is likely more to do. */
  private async tell(): Promise<boolean> {
    await this.keepUp();
    const issued = await this.tellIssued();
    const noted = await this.tellNoted();
    return issued || noted;
  }

  /**
   * New ids come after the mark of the scan, by whichever clock it was set: an id before it would never be looked at.
   * What got one before this process learned of the mark is noted.
   */
  private async keepUp(): Promise<void> {
    const mark = await this.scan.position();
    if (mark === '') return;
    const at = timeOfId(mark);
    this.reportAhead(at - sharedMilliseconds());
    const before = idMilliseconds();
    if (continueAfter(at + BEHIND_MILLISECONDS) <= 0) return;
    const passed = await this.reader.read(
      `SELECT id, client_id FROM session WHERE id > ? AND id < ? AND id <= ? ORDER BY id DESC LIMIT ${MAX_PASSED}`,
      [firstIdOf(before - 2 * BEHIND_MILLISECONDS), firstIdOf(before + 1), mark],
    );
    const notes = passed.map(({ id, client_id }) =>
      lateNote({ id: String(id), clientId: String(client_id) }, sharedMilliseconds()),
    );
    await Promise.all(notes.map((row) => this.writer.write({ into: NOTE_TABLE, row })));
  }

  private reportAhead(ahead_ms: number): void {
    const isAhead = ahead_ms > TOLERATED_AHEAD_MILLISECONDS;
    if (isAhead && !this.aheadReported)
      this.log.warn({ ahead_ms }, 'ids of sessions are ahead of the clock: new ones come after them');
    this.aheadReported = isAhead;
  }

  private async tellIssued(): Promise<boolean> {
    if (performance.now() < this.asideUntil) return false;
    const { issuances, after, full } = await this.scan.gather(settledId());
    if (issuances.last === undefined) return false;
    const addition = { entries: issuances.entries(false), also: [this.scan.moveTo(issuances.last)] };
    for (let tries = 0; tries < MAX_ATTEMPTS; tries++) {
      const told = await this.chain.tryAppend(async () =>
        (await this.scan.position()) === after ? addition : undefined,
      );
      if (told) return full;
      if ((await this.scan.position()) === after) continue;
      this.asideUntil = performance.now() + ASIDE_MILLISECONDS;
      return false;
    }
    return false;
  }

  private async tellNoted(): Promise<boolean> {
    let notes: Row[] = [];
    let entries: AuditEntry[] = [];
    const told = await this.chain.tryAppend(async () => {
      notes = await this.notes();
      entries = await this.entriesOf(notes);
      return { entries, also: [removal(notes)] };
    });
    // Late sessions that are gone have nothing to tell.
    if (entries.length === 0 && notes.length > 0) await this.writer.write({ statements: [removal(notes)] });
    return told && notes.length === NOTES_IN_A_STEP;
  }

  private async entriesOf(notes: readonly Row[]): Promise<AuditEntry[]> {
    const closed = notes.filter(({ kind }) => kind === 'closing');
    const late = notes.filter(({ kind }) => kind === 'late');
    return [...closingEntries(closed), ...new Issuances().add(await this.issued(late)).entries(true)];
  }

  private notes(): Promise<Row[]> {
    return this.reader.read(
      `SELECT id, kind, session_id, client_id, noted_at, reason, agent_id, agent_session_id, address
       FROM session_note WHERE id < ? ORDER BY id LIMIT ${NOTES_IN_A_STEP}`,
      [settledId()],
    );
  }

  private async issued(notes: readonly Row[]): Promise<Row[]> {
    if (notes.length === 0) return [];
    return this.reader.read(
      `SELECT ${ISSUED_COLUMNS} FROM session s WHERE s.id IN (${places(notes)}) ORDER BY s.id`,
      notes.map(({ session_id }) => String(session_id)),
    );
  }
}

/** Smaller than the id of anything that may still be on its way to its commit. */
const settledId = (): string => firstIdOf(idMilliseconds() - BEHIND_MILLISECONDS);

const removal = (notes: readonly Row[]): Statement => ({
  sql: `DELETE FROM session_note WHERE ${byPrimaryKeys('id', notes)}`,
  values: notes.map(({ id }) => String(id)),
});
