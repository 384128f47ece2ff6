import { createHash } from 'node:crypto';
import { createConnection } from 'mysql2/promise';
import type { ServerSettings } from '../../config/settings.js';
import { lockHeld, MAX_START_LOCK_SECONDS } from '../engine/start-lock.js';
import { mysqlOptions } from './mysql.js';

const MAX_QUERY_MS = (MAX_START_LOCK_SECONDS + 5) * 1000;

/** Lock names are global to the server and limited to 64 characters, so the database's name is hashed. */
export const startLockOf = ({ database }: ServerSettings): string =>
  `latchkey-start-${createHash('sha256').update(`/${database}`).digest('hex').slice(0, 32)}`;

export async function withMysqlLock<T>(settings: ServerSettings, work: () => Promise<T>): Promise<T> {
  const connection = await createConnection(mysqlOptions(settings));
  try {
    const [rows] = await connection.query({
      sql: 'SELECT GET_LOCK(?, ?) AS held',
      values: [startLockOf(settings), MAX_START_LOCK_SECONDS],
      timeout: MAX_QUERY_MS,
    });
    if (Number((rows as { held: unknown }[])[0]?.held) !== 1) {
      throw lockHeld();
    }
    const result = await work();
    await connection.end();
    return result;
  } catch (error) {
    // A server that no longer answers would not complete a clean disconnect.
    connection.destroy();
    throw error;
  }
}
