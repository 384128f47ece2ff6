import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Log } from '../../config/log.js';
import { DurableWriter, type Statement } from '../../database/durable-writer.js';
import type { Run } from '../../database/engine/run.js';
import { type Row, RowReader } from '../../database/row-reader.js';
import { isDuplicate } from '../../database/storage-error.js';
import { UnitOfWork } from '../../database/unit-of-work.js';
import { TemporarilyUnavailable } from '../../protocol/unavailable.js';
import type { AuditEntry, AuditEvent } from '../audit-event.js';
import { endOf, insertEvents, SELECT_HEAD } from '../audit-row.js';
import { AuditKey } from './audit-key.js';
import { type ChainEnd, extend, type Place } from './chain.js';
import { ChainMemory, isTruncated } from './chain-memory.js';
import { isIntact, isSameEnd, recoverEnd, recoverTruncatedEnd } from './chain-recovery.js';

const ENTRIES_IN_A_TURN = 100;

/** Entries to append to the chain, with statements that are committed in the same transaction. */
export interface Addition {
  entries: readonly AuditEntry[];
  also?: readonly Statement[];
}

/**
 * Appends to the database's one audit chain. Its head is a row: locked inside a transaction, compared and swapped
 * outside one, so that appends of all processes are ordered. If the end was modified by another program, an event
 * records that and the chain continues after it.
 */
@Injectable()
export class AuditChain {
  private readonly memory = new ChainMemory();

  constructor(
    private readonly key: AuditKey,
    private readonly unitOfWork: UnitOfWork,
    private readonly writer: DurableWriter,
    private readonly reader: RowReader,
    private readonly log: Log,
  ) {}

  /** Joins the open transaction: the events exist if and only if the change they describe is committed. */
  async appendWithin(entries: readonly AuditEntry[]): Promise<void> {
    await this.appendWithRoom(entries, entries.length);
  }

  /**
   * One attempt, outside any transaction. `build` reads after the head was read: if the head is unchanged at the end,
   * no other process has appended the same entries. Resolves to false if another process appended first or there was
   * nothing to append.
   */
  async tryAppend(build: () => Promise<Addition | undefined>): Promise<boolean> {
    const known = this.memory.place;
    const [row] = await this.reader.read(SELECT_HEAD, []);
    const addition = await build();
    if (!addition || addition.entries.length === 0) return false;
    const head = endOf(row);
    const room = addition.entries.length;
    if (!head || !isIntact(this.key.bytes, row, room) || (await this.isTruncated(head, known))) {
      await this.appendWithRoom([], room);
      return false;
    }
    const extended = await this.extendInTurns(head, addition.entries);
    const written = await this.writer.write({
      statements: [moveHead(head, extended.head), ...insertEvents(extended.events), ...(addition.also ?? [])],
    });
    if (written) this.memory.keep(extended.head);
    return written;
  }

  /** The head of the chain; an invalid head is recovered first. */
  async head(): Promise<ChainEnd> {
    const known = this.memory.place;
    const [row] = await this.reader.read(SELECT_HEAD, []);
    const found = endOf(row);
    if (!found || !isIntact(this.key.bytes, row, 1) || (await this.isTruncated(found, known))) {
      await this.appendWithRoom([], 1);
    }
    const head = endOf((await this.reader.read(SELECT_HEAD, []))[0]);
    if (!head) throw new TemporarilyUnavailable();
    this.memory.keep(head);
    return head;
  }

  /** Records the removal of events from the end; the next append detects every other fault. */
  async watchEnd(): Promise<void> {
    const known = this.memory.place;
    const [row] = await this.reader.read(SELECT_HEAD, []);
    const head = endOf(row);
    if (!head || !isIntact(this.key.bytes, row, 1)) return;
    if (await this.isTruncated(head, known)) await this.appendWithRoom([], 1);
    else this.memory.keep(head);
  }

  private isTruncated(head: ChainEnd, known: Place | undefined): Promise<boolean> {
    return isTruncated((sql, values) => this.reader.read(sql, values), this.key.bytes, head, known);
  }

  /** Builds a thousand events over several event-loop ticks, so that requests do not wait for all of them. */
  private async extendInTurns(head: ChainEnd, entries: readonly AuditEntry[]) {
    const events: AuditEvent[] = [];
    let last = head;
    for (let start = 0; start < entries.length; start += ENTRIES_IN_A_TURN) {
      if (start > 0) await nextTurn();
      const extended = extend(this.key.bytes, last, entries.slice(start, start + ENTRIES_IN_A_TURN));
      events.push(...extended.events);
      last = extended.head;
    }
    return { events, head: last };
  }

  private async appendWithRoom(entries: readonly AuditEntry[], room: number): Promise<void> {
    const run: Run = (sql, values) => this.unitOfWork.query((manager) => manager.query(sql, [...values]));
    try {
      await this.unitOfWork.transaction(() => this.append(run, entries, room));
    } catch (error) {
      // Another program inserted a row since this transaction began; a retry sees it.
      throw isDuplicate(error) ? new TemporarilyUnavailable(error) : error;
    }
  }

  private async append(run: Run, entries: readonly AuditEntry[], room: number): Promise<void> {
    // The first statement writes the row, so that the next one reads its latest version instead of the snapshot's.
    const known = this.memory.place;
    await run('UPDATE audit_head SET turns = CASE WHEN turns = 1 THEN 2 ELSE 1 END WHERE id = 1', []);
    const [row] = await run(SELECT_HEAD, []);
    const head = endOf(row);
    const whole = head && isIntact(this.key.bytes, row, room);
    const lost = whole && (await isTruncated(run, this.key.bytes, head, known)) ? known : undefined;
    const extended =
      whole && !lost
        ? extend(this.key.bytes, head, entries)
        : await this.recover(run, { row, room, lost }, entries);
    for (const { sql, values } of insertEvents(extended.events)) await run(sql, values);
    const { sequence, hash, seal } = extended.head;
    await run('UPDATE audit_head SET sequence = ?, hash = ?, seal = ? WHERE id = 1', [sequence, hash, seal]);
    if (isSameEnd(endOf((await run(SELECT_HEAD, []))[0]), extended.head)) {
      this.unitOfWork.onCommit(() => this.memory.keep(extended.head));
      return;
    }
    this.log.error({ sequence }, 'audit chain head not updated; nothing was written');
    throw new TemporarilyUnavailable();
  }

  private async recover(run: Run, { row, room, lost }: BrokenHead, entries: readonly AuditEntry[]) {
    if (!row) await run(`INSERT INTO audit_head (id, hash, seal) VALUES (1, '', '')`, []);
    const head = endOf(row);
    const { from, entry } =
      lost && head
        ? await recoverTruncatedEnd(run, head, lost, room)
        : await recoverEnd(run, this.key.bytes, row, room);
    this.log.error({ ...entry.detail }, 'audit chain changed by another writer');
    return extend(this.key.bytes, from, [entry, ...entries]);
  }
}

/** The invalid head, and this process's last known place if the head is behind it. */
interface BrokenHead {
  row: Row | undefined;
  room: number;
  lost: Place | undefined;
}

const moveHead = (from: ChainEnd, to: ChainEnd): Statement => ({
  sql: 'UPDATE audit_head SET sequence = ?, hash = ?, seal = ? WHERE id = 1 AND sequence = ? AND hash = ? AND seal = ?',
  values: [to.sequence, to.hash, to.seal, from.sequence, from.hash, from.seal],
});
