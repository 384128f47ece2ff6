import { TemporarilyUnavailable } from '../protocol/unavailable.js';
import type { Codes, ErrorCodes } from './engine/error-codes.js';
import { MYSQL_ERRORS } from './mysql/mysql-errors.js';
import { POSTGRES_ERRORS } from './postgres/postgres-errors.js';
import { SQLITE_ERRORS } from './sqlite/sqlite-errors.js';
import { isStorageFault, MOVED } from './sqlite/sqlite-fault.js';

/** Of every engine, so that worker threads can judge an error without knowing the settings. */
const ENGINES: readonly ErrorCodes[] = [SQLITE_ERRORS, MYSQL_ERRORS, POSTGRES_ERRORS];

/** The code of our own limit on a transaction, which counts as a wait for a lock. */
export const DEADLINE_CODE = 'EDEADLINE';

/** The code of our own limit on a commit while the database still answers. */
export const STALLED_CODE = 'ESTALLED';

type Kind = { [K in keyof ErrorCodes]-?: ErrorCodes[K] extends Codes ? K : never }[keyof ErrorCodes];

const isAny = (kind: Kind, code: string): boolean => ENGINES.some((engine) => engine[kind].test(code));

const isDuplicateCode = (code: string): boolean => isAny('duplicate', code);

const isConflictCode = (code: string): boolean => code === DEADLINE_CODE || isAny('conflict', code);

/** A row with this key already exists. */
export const isDuplicate = (error: unknown): boolean =>
  isDuplicateCode(codeOf(error instanceof TemporarilyUnavailable ? error.cause : error));

/** A conflict with another writer; the whole transaction can be retried. */
export const isConflict = (error: unknown): boolean => isConflictCode(codeOf(error));

/** SQLite's file, or its file system, failed. */
export const isStorageError = (error: unknown): boolean => isStorageFault(codeOf(error), messageOf(error));

/** Another writer has held a row lock longer than the maximum wait. */
export const isLockWait = (error: unknown): boolean => {
  const code = codeOf(error);
  return code === DEADLINE_CODE || isAny('lockWait', code);
};

/** The code of an error that shows the database as unreachable rather than busy; undefined for all others. */
export function absenceOf(error: unknown): string | undefined {
  const code = error instanceof TemporarilyUnavailable ? codeOf(error.cause) : '';
  return code === '' || isConflictCode(code) || isDuplicateCode(code) ? undefined : code;
}

/** Whether a connection was closed because the database did not answer on it in time. */
export const isTimeout = (error: unknown): boolean => absenceOf(error) === 'ETIMEDOUT';

/** Why the database is unavailable, if its code tells. */
export function reasonOfAbsence(
  error: unknown,
): 'moved' | 'stalled' | 'readOnly' | 'full' | 'rejectsConnections' | undefined {
  const code = absenceOf(error) ?? '';
  if (code === MOVED) return 'moved';
  if (code === STALLED_CODE) return 'stalled';
  return (['readOnly', 'full', 'rejectsConnections'] as const).find((reason) => isAny(reason, code));
}

/**
 * Turns a driver's error into TemporarilyUnavailable unless our statement is at fault; returns every other error
 * unchanged. A duplicate key where no caller expects one is a storage fault: the keys are random.
 */
export function asStorageError(error: unknown): unknown {
  const code = codeOf(error);
  const unavailable =
    isDrivers(error) && (!isAny('ofStatement', code) || isStorageFault(code, messageOf(error)));
  return unavailable ? new TemporarilyUnavailable(error) : error;
}

/**
 * Whether the other open connections would fail likewise while new ones may not, as after a failover that leaves the
 * old server read-only.
 */
export function isStale(error: unknown): boolean {
  const cause = error instanceof TemporarilyUnavailable ? error.cause : undefined;
  const code = codeOf(cause);
  return (
    cause !== undefined &&
    isServers(driverErrorOf(cause)) &&
    !isConflictCode(code) &&
    !isDuplicateCode(code) &&
    !isAny('keepsConnections', code)
  );
}

/** A server sent the error, and its open connections are worth keeping. */
export const keepsConnections = (error: unknown): boolean =>
  isServers(driverErrorOf(error)) && isAny('keepsConnections', codeOf(error));

export const codeOfError = (error: unknown): string => codeOf(error) || 'unknown';

/** Sent by a server: mysql2 adds the SQLSTATE, pg the severity. */
const isServers = (cause: object): boolean => 'sqlState' in cause || 'severity' in cause;

/** An error of a database driver, its socket or TLS. */
function isDrivers(error: unknown): boolean {
  const cause = driverErrorOf(error);
  const code = codeOf(cause);
  const message = String((cause as { message?: unknown }).message ?? '');
  return (
    isServers(cause) ||
    ['syscall', 'fatal'].some((member) => member in cause) ||
    isAny('own', code) ||
    /^(ERR_(TLS|SSL|OSSL)|E[A-Z]+$)|CERT|SELF_SIGNED/.test(code) ||
    ENGINES.some(({ ownMessages }) => ownMessages?.test(message))
  );
}

/** TypeORM wraps the driver's error. */
function driverErrorOf(error: unknown): object {
  if (typeof error !== 'object' || error === null) return {};
  const { driverError } = error as { driverError?: unknown };
  return typeof driverError === 'object' && driverError !== null ? driverError : error;
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const { code, driverError } = error as { code?: unknown; driverError?: unknown };
  if (typeof code === 'string') return code;
  return driverError === undefined ? lostCodeOf(messageOf(error)) : codeOf(driverError);
}

const lostCodeOf = (message: string): string =>
  ENGINES.find(({ lostMessages }) => lostMessages?.test(message))?.lostCode ?? '';

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : '');
