import { Injectable } from '@nestjs/common';
import { AgreedClock } from '../crypto/agreed-clock.js';
import { DurableWriter, flattenValues, places, type Statement } from '../database/durable-writer.js';
import { DatabaseEngine } from '../database/engine/engine.js';
import { type Row, RowReader } from '../database/row-reader.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { nowMilliseconds, sharedMilliseconds } from '../runtime/clock.js';
import { betweenSlices } from '../runtime/slices.js';
import { normalizedAudience } from './audience-spelling.js';
import type { CarriedNameRow } from './carried-name.entity.js';
import { portions } from './portions.js';

export type CarriedName = Pick<CarriedNameRow, 'audience' | 'operation' | 'clientId'>;

export type LiveName = Omit<CarriedNameRow, 'audience'>;

/** In place of an operation: any name. */
export const ANY_NAME = '';

/** Of one lookup; beyond it a write is rejected, because judging it would take too long. */
export const MAX_LIVE_NAMES = 5000;

const TURN = 'carried names';

/**
 * The bare names in live JWTs for several audiences that are no operations in one of them. An API there would take the
 * name for its operation as soon as it has one, so a write that adds the operation asks here first.
 */
@Injectable()
export class CarriedNames {
  constructor(
    private readonly engine: DatabaseEngine,
    private readonly unitOfWork: UnitOfWork,
    private readonly writer: DurableWriter,
    private readonly reader: RowReader,
    private readonly clock: AgreedClock,
  ) {}

  /** How many writes have claimed names; read before the catalog that they change. */
  async claims(): Promise<number> {
    const rows: Row[] = await this.unitOfWork.query((manager) =>
      manager.query('SELECT claims FROM name_claim WHERE id = 1'),
    );
    return Number(rows[0]?.claims);
  }

  /**
   * Inside a write that gives names to an audience, before it asks which of them tokens carry: until it ends nothing is
   * recorded, and afterwards only by the catalog that it leaves.
   */
  async claim(): Promise<void> {
    await this.unitOfWork.query((manager) =>
      manager.query('UPDATE name_claim SET claims = claims + 1 WHERE id = 1'),
    );
  }

  /** Before the tokens exist. Returns false, and records nothing, if names have been claimed since `claims` was read. */
  async record(names: readonly CarriedName[], endsAt: number, claims: number): Promise<boolean> {
    const rows = names.map(({ audience, operation, clientId }) => [
      normalizedAudience(audience),
      operation,
      clientId,
      endsAt,
    ]);
    const statements: Statement[] = [
      { sql: 'UPDATE name_claim SET records = records + 1 WHERE id = 1 AND claims = ?', values: [claims] },
    ];
    for (const some of portions(rows)) {
      statements.push({
        sql: `INSERT INTO carried_name (audience, operation, client_id, ends_at)
          VALUES ${some.map(() => '(?, ?, ?, ?)').join(', ')}
          ${this.engine.schema.keepGreaterOnDuplicate('carried_name', ['audience', 'operation', 'client_id'], 'ends_at')}`,
        values: flattenValues(some),
      });
    }
    const isRecorded = await this.writer.write({ statements, turn: TURN });
    if (isRecorded) await this.forget(2 * rows.length);
    return isRecorded;
  }

  /** The clients with live tokens that carry one of these names, or any, in this audience; at most one beyond the bound. */
  async liveIn(audience: string, operations: readonly string[]): Promise<LiveName[]> {
    const now = Math.min(nowMilliseconds(), sharedMilliseconds());
    const live: LiveName[] = [];
    for (const some of portions([ANY_NAME, ...operations])) {
      // Not in the open transaction: on MySQL its snapshot may be older than the claim.
      const rows = await this.reader.read(
        `SELECT operation, client_id, ends_at FROM carried_name
         WHERE audience = ? AND operation IN (${places(some)}) AND ends_at > ? LIMIT ${MAX_LIVE_NAMES + 1}`,
        [normalizedAudience(audience), ...some, now],
      );
      for (const { operation, client_id, ends_at } of rows) {
        live.push({ operation: String(operation), clientId: String(client_id), endsAt: Number(ends_at) });
      }
      if (live.length > MAX_LIVE_NAMES) return live;
      await betweenSlices();
    }
    return live;
  }

  /** Of the oldest rows twice as many as a record adds, so that the table follows the tokens that live. */
  private async forget(most: number): Promise<void> {
    const now = this.clock.removalMilliseconds();
    if (now === undefined) return;
    const ended = await this.reader.read(
      `SELECT audience, operation, client_id FROM carried_name WHERE ends_at <= ? ORDER BY ends_at LIMIT ${most}`,
      [now],
    );
    for (const some of portions(ended)) {
      const keys = some.map(({ audience, operation, client_id }) => [audience, operation, client_id]);
      await this.writer.write({
        statements: [
          {
            sql: `DELETE FROM carried_name WHERE (audience, operation, client_id) IN (${keys.map(() => '(?, ?, ?)').join(', ')})
              AND ends_at <= ?`,
            values: [...keys.flat().map(String), now],
          },
        ],
        turn: TURN,
      });
    }
  }
}
