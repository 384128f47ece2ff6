import type { Pool, ResultSetHeader } from 'mysql2/promise';
import { TemporarilyUnavailable } from '../../protocol/unavailable.js';
import { padded, type Values } from '../batch-loader.js';
import {
  appendStatement,
  FORCE_PRIMARY,
  flattenValues,
  type Mark,
  type MarkTarget,
  places,
  type SqlValue,
  type Statement,
} from '../durable-writer.js';
import { inPowersOfTwo } from '../powers-of-two.js';
import { retried } from '../server/retried.js';
import { inTransaction } from './mysql-transaction.js';

const MAX_ATTEMPTS = 5;
const MAX_ROWS_PER_STATEMENT = 256;

/**
 * Sets a batch of marks, with their outbox rows, in one transaction; returns for each whether it was set. A read
 * decides first which can be set: an UPDATE of missing keys would lock the gap into which sessions are inserted.
 */
export async function markTogether(
  pool: Pool,
  target: MarkTarget,
  marks: readonly Mark[],
): Promise<boolean[]> {
  for (let tries = 1; tries <= MAX_ATTEMPTS; tries++) {
    const unmarked = await readUnmarked(pool, target, marks);
    const applies = marks.map((mark) => takes(unmarked, mark));
    const applying = marks.filter((_mark, position) => applies[position]);
    if (applying.length === 0 || (await apply(pool, target, applying))) return applies;
  }
  throw new TemporarilyUnavailable();
}

/** The keys of the rows that are not marked yet, by primary key. */
async function readUnmarked(
  pool: Pool,
  { table, column, keys }: MarkTarget,
  marks: readonly Mark[],
): Promise<Map<unknown, Values>> {
  const ids = padded(marks.map((mark) => mark.keys[0] as SqlValue));
  const sql = `SELECT ${keys.join(', ')} FROM ${table} WHERE ${keys[0]} IN (${places(ids)}) AND ${column} IS NULL`;
  const [rows] = await retried(() => pool.execute({ sql, values: ids, rowsAsArray: true }));
  return new Map((rows as unknown as Values[]).map((row) => [row[0], row]));
}

/** Of several marks for one row, the first is set. */
function takes(unmarked: Map<unknown, Values>, { keys }: Mark): boolean {
  const row = unmarked.get(keys[0]);
  return row?.every((value, at) => value === keys[at]) === true && unmarked.delete(keys[0]);
}

/** Resolves to false, without any change, if another session has set one of them in the meantime. */
function apply(pool: Pool, target: MarkTarget, marks: readonly Mark[]): Promise<boolean> {
  return inTransaction(pool, async (connection) => {
    const { sql, values } = updateOf(target, marks);
    const [{ affectedRows }] = await connection.execute<ResultSetHeader>(sql, [...values]);
    if (affectedRows !== marks.length) return false;
    for (const some of inPowersOfTwo(marks, MAX_ROWS_PER_STATEMENT)) {
      const notes = appendStatement(
        target.noted,
        some.map(({ note }) => note),
      );
      await connection.execute(notes.sql, [...notes.values]);
    }
    return true;
  });
}

/** By primary key alone, so that only these rows are locked, and in key order, the same in every process. */
function updateOf({ table, column, keys: [primary] }: MarkTarget, marks: readonly Mark[]): Statement {
  const all = padded(marks);
  const ids = all.map(({ keys }) => keys[0] as SqlValue);
  const cases = all.map(() => 'WHEN ? THEN ?').join(' ');
  return {
    sql: `UPDATE ${table} ${FORCE_PRIMARY} SET ${column} = CASE ${primary} ${cases} END WHERE ${primary} IN (${places(ids)}) AND ${column} IS NULL`,
    values: flattenValues([...all.map(({ value }, at) => [ids[at] as SqlValue, value]), ids]),
  };
}
