import type { PoolClient, QueryResult } from 'pg';
import type { Statement } from '../durable-writer.js';
import { retried } from '../server/retried.js';
import type { Driven } from './postgres-client.js';
import { COMMIT, type PostgresPool } from './postgres-pool.js';

export type Results = readonly QueryResult[];

/** The statements that depend on the results of the first ones; undefined rolls back. */
export type Continue = (results: Results) => readonly Statement[] | undefined;

const COMMITTING: Statement = { sql: COMMIT, values: [] };

/**
 * One transaction in one round trip, or in two if statements depend on the results of others. Resolves to the results
 * of `first` once committed, or to undefined after a rollback; retries on a conflict with another writer.
 */
export function inTransaction(
  pool: PostgresPool,
  first: readonly Statement[],
  next?: Continue,
): Promise<Results | undefined> {
  return retried(async () => {
    const client = await pool.connect();
    let isClean = false;
    try {
      const begin = { sql: pool.begin, values: [] };
      const [, ...results] = await send(client, [begin, ...first, ...(next ? [] : [COMMITTING])]);
      const further = next?.(results);
      if (next && further) await send(client, [...further, COMMITTING]);
      else if (next) await client.query('ROLLBACK');
      isClean = true;
      return next && !further ? undefined : results.slice(0, first.length);
    } catch (error) {
      isClean = await isRolledBack(client);
      throw error;
    } finally {
      client.release(!isClean);
    }
  });
}

/** Sends all statements at once; rejects with the first error when all have been answered. */
async function send(client: PoolClient, statements: readonly Statement[]): Promise<QueryResult[]> {
  const { stream } = (client as unknown as Driven).connection;
  stream.cork();
  const answers = statements.map(({ sql, values }) => client.query(sql, [...values]));
  stream.uncork();
  const outcomes = await Promise.allSettled(answers);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
  return outcomes.map((outcome) => (outcome as PromiseFulfilledResult<QueryResult>).value);
}

const isRolledBack = (client: PoolClient): Promise<boolean> =>
  client.query('ROLLBACK').then(
    () => true,
    () => false,
  );
