import { Injectable } from '@nestjs/common';
import { flattenValues, places, type Statement } from '../database/durable-writer.js';
import { DatabaseEngine } from '../database/engine/engine.js';
import { RowReader } from '../database/row-reader.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { nowMilliseconds } from '../runtime/clock.js';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Older days are deleted. */
export const MAX_DAYS = 400;
const ROWS_PER_STATEMENT = 200;

/** How many tokens a client got on one day. */
export interface DayCount {
  clientId: string;
  /** Since 1970, in UTC. */
  day: number;
  tokens: number;
}

export const dayOf = (milliseconds: number): number => Math.floor(milliseconds / DAY_MS);

/** As YYYY-MM-DD. */
export const dateOf = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

/** Tokens per client and day, counted by the scan of the audit, in the transaction that moves it: each token once. */
@Injectable()
export class TokenCounts {
  private cleanedOn = 0;

  constructor(
    private readonly engine: DatabaseEngine,
    private readonly reader: RowReader,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  additions(counts: readonly DayCount[]): Statement[] {
    const statements: Statement[] = [];
    for (let start = 0; start < counts.length; start += ROWS_PER_STATEMENT) {
      const some = counts.slice(start, start + ROWS_PER_STATEMENT);
      statements.push({
        sql: `INSERT INTO token_count (client_id, day, tokens) VALUES ${some.map(() => '(?, ?, ?)').join(', ')}
          ${this.engine.schema.addOnDuplicate('token_count', ['client_id', 'day'], 'tokens')}`,
        values: flattenValues(some.map(({ clientId, day, tokens }) => [clientId, day, tokens])),
      });
    }
    return statements;
  }

  async remove(clientId: string): Promise<void> {
    await this.unitOfWork.query((manager) =>
      manager.query('DELETE FROM token_count WHERE client_id = ?', [clientId]),
    );
  }

  /** Once a day, the deletion of the oldest days. */
  cleanup(): Statement[] {
    const today = dayOf(nowMilliseconds());
    if (this.cleanedOn === today) return [];
    this.cleanedOn = today;
    return [{ sql: 'DELETE FROM token_count WHERE day <= ?', values: [today - MAX_DAYS] }];
  }

  /** Of these clients, the last `days` days up to today, the newest first; days without a token are left out. */
  async ofClients(clientIds: readonly string[], days: number): Promise<DayCount[]> {
    if (clientIds.length === 0) return [];
    const rows = await this.reader.read(
      `SELECT client_id, day, tokens FROM token_count WHERE client_id IN (${places(clientIds)}) AND day > ?
       ORDER BY client_id, day DESC`,
      [...clientIds, dayOf(nowMilliseconds()) - days],
    );
    return rows.map(({ client_id, day, tokens }) => ({
      clientId: String(client_id),
      day: Number(day),
      tokens: Number(tokens),
    }));
  }
}
