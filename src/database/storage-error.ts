import { TemporarilyUnavailable } from '../protocol/unavailable.js';
import { isStorageFault } from './sqlite-fault.js';

const DUPLICATE = new Set(['ER_DUP_ENTRY', 'SQLITE_CONSTRAINT_PRIMARYKEY', 'SQLITE_CONSTRAINT_UNIQUE']);

const CONFLICT = new Set([
  'ER_LOCK_DEADLOCK',
  'ER_LOCK_WAIT_TIMEOUT',
  'SQLITE_BUSY',
  'SQLITE_BUSY_RECOVERY',
  'SQLITE_BUSY_SNAPSHOT',
]);

const UNAVAILABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'ER_CON_COUNT_ERROR',
  'ER_SERVER_SHUTDOWN',
  'ER_QUERY_INTERRUPTED',
  'ER_DISK_FULL',
  'ER_RECORD_FILE_FULL',
  // Galera: this node has left the primary component, or a commit lost its quorum.
  'ER_UNKNOWN_COM_ERROR',
  'ER_ERROR_DURING_COMMIT',
  'POOL_CLOSED',
]);

/** A row with this key is there already. */
export const isDuplicate = (error: unknown): boolean =>
  DUPLICATE.has(codeOf(error instanceof TemporarilyUnavailable ? error.cause : error));

/** Another writer was in the way; the whole transaction may be tried again. */
export const isConflict = (error: unknown): boolean => CONFLICT.has(codeOf(error));

/** The file of SQLite, or its file system, is at fault. */
export const isStorageError = (error: unknown): boolean => isStorageFault(codeOf(error), messageOf(error));

/** Another writer has held a row for as long as one may wait. */
export const isLockWait = (error: unknown): boolean => codeOf(error) === 'ER_LOCK_WAIT_TIMEOUT';

/** The code of an error by which a database is away, rather than busy; undefined for every other error. */
export function absenceOf(error: unknown): string | undefined {
  const code = error instanceof TemporarilyUnavailable ? codeOf(error.cause) : '';
  return code === '' || CONFLICT.has(code) || DUPLICATE.has(code) ? undefined : code;
}

/** Whether a write had to be given up because others write, which is no fault of the server. */
export const isBusy = (error: unknown): boolean =>
  error instanceof TemporarilyUnavailable && isConflict(error.cause);

/**
 * Turns a driver's error that says "not now" into TemporarilyUnavailable; hands on every other error. A key that is
 * there already is such an error where no caller expects it: the keys are random, so the storage is at fault.
 */
export function asStorageError(error: unknown): unknown {
  const code = codeOf(error);
  const unavailable =
    UNAVAILABLE.has(code) ||
    CONFLICT.has(code) ||
    DUPLICATE.has(code) ||
    isStorageFault(code, messageOf(error)) ||
    [...UNAVAILABLE].some((known) => code.startsWith(`${known}_`));
  return unavailable || /closed state|Queue limit reached/.test(messageOf(error))
    ? new TemporarilyUnavailable(error)
    : error;
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const { code, driverError } = error as { code?: unknown; driverError?: unknown };
  if (typeof code === 'string') return code;
  return driverError === undefined ? '' : codeOf(driverError);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : '');
