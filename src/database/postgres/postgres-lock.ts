import type { ServerSettings } from '../../config/settings.js';
import { lockHeld, MAX_START_LOCK_SECONDS } from '../engine/start-lock.js';
import { clientOptions, PostgresClient } from './postgres-client.js';

/** Locks are per database, so this number only has to differ from those of other programs in it. */
const LOCK = 7_205_759_403;

const LOCK_NOT_AVAILABLE = '55P03';

/** The lock belongs to a transaction, so it holds through a pooler that assigns sessions by transaction. */
export async function withPostgresLock<T>(settings: ServerSettings, work: () => Promise<T>): Promise<T> {
  const client = new PostgresClient(clientOptions(settings));
  await client.connect();
  try {
    await client.query(
      `BEGIN; SET LOCAL lock_timeout = ${MAX_START_LOCK_SECONDS * 1000}; SET LOCAL statement_timeout = 0;
       SET LOCAL idle_in_transaction_session_timeout = 0`,
    );
    await client.query(`SELECT pg_advisory_xact_lock(${LOCK})`).catch((error: { code?: string }) => {
      throw error.code === LOCK_NOT_AVAILABLE ? lockHeld() : error;
    });
    const result = await work();
    await client.query('COMMIT');
    await client.end();
    return result;
  } catch (error) {
    // A server that no longer answers would not complete a clean disconnect.
    (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    throw error;
  }
}
