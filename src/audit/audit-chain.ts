import { Injectable } from '@nestjs/common';
import { DurableWriter, type Statement } from '../database/durable-writer.js';
import { RowReader } from '../database/row-reader.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import type { AuditEntry } from './audit-event.js';
import { AuditKey } from './audit-key.js';
import { endOf, insertEvents, SELECT_HEAD } from './audit-row.js';
import { type ChainEnd, extend } from './chain.js';

/** Entries for the end of the chain, and what is written with them or not at all. */
export interface Addition {
  entries: readonly AuditEntry[];
  also?: readonly Statement[];
}

/**
 * Appends to the one chain of the database. Its head is a row: inside a transaction it is locked, beside one it is
 * compared and swapped, so that every process appends behind every other.
 */
@Injectable()
export class AuditChain {
  constructor(
    private readonly key: AuditKey,
    private readonly unitOfWork: UnitOfWork,
    private readonly writer: DurableWriter,
    private readonly reader: RowReader,
  ) {}

  /** Joins the open transaction: the events are there when, and only when, what they tell is. */
  async appendWithin(entries: readonly AuditEntry[]): Promise<void> {
    await this.unitOfWork.transaction(async () => {
      const run = ({ sql, values }: Statement) =>
        this.unitOfWork.query((manager) => manager.query(sql, [...values]));
      // The first statement changes the row, so that the next one reads it as it is and not as it was at the start.
      await run({ sql: 'UPDATE audit_head SET turns = turns + 1 WHERE id = 1', values: [] });
      const head = headOf(await run({ sql: SELECT_HEAD, values: [] }));
      const extended = extend(this.key.bytes, head, entries);
      for (const statement of insertEvents(extended.events)) await run(statement);
      await run(moveHead(head, extended.head));
    });
  }

  /**
   * One try, beside any transaction. What `build` reads is read after the head: when the head has not moved until the
   * end, nobody has appended what it is about to append. Answers false when somebody was faster, or nothing was to do.
   */
  async tryAppend(build: () => Promise<Addition | undefined>): Promise<boolean> {
    const head = headOf(await this.reader.read(SELECT_HEAD, []));
    const addition = await build();
    if (!addition || addition.entries.length === 0) return false;
    const extended = extend(this.key.bytes, head, addition.entries);
    return this.writer.write({
      statements: [moveHead(head, extended.head), ...insertEvents(extended.events), ...(addition.also ?? [])],
    });
  }

  async head(): Promise<ChainEnd> {
    return headOf(await this.reader.read(SELECT_HEAD, []));
  }
}

function headOf(rows: Record<string, unknown>[]): ChainEnd {
  const head = endOf(rows[0]);
  if (!head) throw new Error('the table audit_head has no row');
  return head;
}

const moveHead = (from: ChainEnd, to: ChainEnd): Statement => ({
  sql: 'UPDATE audit_head SET sequence = ?, hash = ?, seal = ? WHERE id = 1 AND sequence = ? AND hash = ? AND seal = ?',
  values: [to.sequence, to.hash, to.seal, from.sequence, from.hash, from.seal],
});
