import { TemporarilyUnavailable } from '../protocol/unavailable.js';
import { isStorageFault } from './sqlite/sqlite-fault.js';

const DUPLICATE = new Set(['ER_DUP_ENTRY', 'SQLITE_CONSTRAINT_PRIMARYKEY', 'SQLITE_CONSTRAINT_UNIQUE']);

/** A conflict with another transaction. */
const CONFLICT = new Set([
  'ER_LOCK_DEADLOCK',
  'ER_LOCK_WAIT_TIMEOUT',
  'ER_LOCK_NOWAIT',
  // MariaDB with innodb_snapshot_isolation.
  'ER_CHECKREAD',
  'SQLITE_BUSY',
  'SQLITE_BUSY_RECOVERY',
  'SQLITE_BUSY_SNAPSHOT',
]);

/** Driver codes for a faulty statement or value. All other errors are blamed on the database or the network. */
const STATEMENT_ERRORS = new Set([
  ...['ER_PARSE_ERROR', 'ER_SYNTAX_ERROR', 'ER_EMPTY_QUERY', 'ER_BAD_FIELD_ERROR', 'ER_NON_UNIQ_ERROR'],
  ...[
    'ER_WRONG_VALUE_COUNT',
    'ER_WRONG_VALUE_COUNT_ON_ROW',
    'ER_FIELD_SPECIFIED_TWICE',
    'ER_WRONG_ARGUMENTS',
  ],
  ...['ER_WRONG_FIELD_WITH_GROUP', 'ER_MIX_OF_GROUP_FUNC_AND_FIELDS', 'ER_INVALID_GROUP_FUNC_USE'],
  ...['ER_OPERAND_COLUMNS', 'ER_SUBQUERY_NO_1_ROW', 'ER_UNKNOWN_SYSTEM_VARIABLE', 'ER_PS_MANY_PARAM'],
  ...['ER_CANT_AGGREGATE_2COLLATIONS', 'ER_TABLE_EXISTS_ERROR', 'ER_DUP_FIELDNAME', 'ER_DUP_KEYNAME'],
  ...['ER_BAD_NULL_ERROR', 'ER_NO_DEFAULT_FOR_FIELD', 'ER_DATA_TOO_LONG'],
  ...['ER_WARN_DATA_OUT_OF_RANGE', 'ER_TRUNCATED_WRONG_VALUE', 'ER_TRUNCATED_WRONG_VALUE_FOR_FIELD'],
  ...['ER_CHECK_CONSTRAINT_VIOLATED', 'ER_CONSTRAINT_FAILED', 'WARN_DATA_TRUNCATED'],
  ...['SQLITE_ERROR', 'SQLITE_MISMATCH', 'SQLITE_RANGE', 'SQLITE_TOOBIG', 'SQLITE_MISUSE'],
]);

/** Errors that are no reason to close the other connections to the server. */
const KEEPS_CONNECTIONS = new Set([
  ...['ER_DISK_FULL', 'ER_RECORD_FILE_FULL', 'ER_ERROR_ON_WRITE', 'ER_OUT_OF_RESOURCES', 'ER_OUTOFMEMORY'],
  ...['ER_QUERY_INTERRUPTED', 'ER_QUERY_TIMEOUT', 'ER_STATEMENT_TIMEOUT', 'ER_LOCK_TABLE_FULL'],
  // These refuse new connections only; open ones are worth keeping.
  ...[
    'ER_CON_COUNT_ERROR',
    'ER_TOO_MANY_USER_CONNECTIONS',
    'ER_USER_LIMIT_REACHED',
    'ER_ACCESS_DENIED_ERROR',
  ],
  ...['ER_ACCOUNT_HAS_BEEN_LOCKED', 'ER_HOST_IS_BLOCKED', 'ER_HOST_NOT_PRIVILEGED'],
]);

/** A row with this key already exists. */
export const isDuplicate = (error: unknown): boolean =>
  DUPLICATE.has(codeOf(error instanceof TemporarilyUnavailable ? error.cause : error));

/** A conflict with another writer; the whole transaction can be retried. */
export const isConflict = (error: unknown): boolean => CONFLICT.has(codeOf(error));

/** SQLite's file, or its file system, failed. */
export const isStorageError = (error: unknown): boolean => isStorageFault(codeOf(error), messageOf(error));

/** Another writer has held a row lock longer than the maximum wait. */
export const isLockWait = (error: unknown): boolean => codeOf(error) === 'ER_LOCK_WAIT_TIMEOUT';

/** The code of an error that shows the database as unreachable rather than busy; undefined for all others. */
export function absenceOf(error: unknown): string | undefined {
  const code = error instanceof TemporarilyUnavailable ? codeOf(error.cause) : '';
  return code === '' || CONFLICT.has(code) || DUPLICATE.has(code) ? undefined : code;
}

/**
 * Turns a driver's error into TemporarilyUnavailable unless our statement is at fault; returns every other error
 * unchanged. A duplicate key where no caller expects one is a storage fault: the keys are random.
 */
export function asStorageError(error: unknown): unknown {
  const code = codeOf(error);
  const unavailable = isDrivers(error) && (!isStatementError(code) || isStorageFault(code, messageOf(error)));
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
    'sqlState' in driverErrorOf(cause) &&
    !CONFLICT.has(code) &&
    !DUPLICATE.has(code) &&
    !KEEPS_CONNECTIONS.has(code)
  );
}

const isStatementError = (code: string): boolean =>
  STATEMENT_ERRORS.has(code) || (code.startsWith('SQLITE_CONSTRAINT') && !DUPLICATE.has(code));

/** An error of a database driver, its socket or TLS. */
function isDrivers(error: unknown): boolean {
  const cause = driverErrorOf(error);
  const { message = '' } = cause as { message?: unknown };
  return (
    ['sqlState', 'syscall', 'fatal'].some((member) => member in cause) ||
    /^(SQLITE|ER_|PROTOCOL_|HANDSHAKE_|POOL_|ERR_(TLS|SSL|OSSL)|E[A-Z]+$)|CERT|SELF_SIGNED/.test(
      codeOf(cause),
    ) ||
    /closed state|Queue limit reached|Pool is closed|No connections available/.test(String(message))
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
  return driverError === undefined ? '' : codeOf(driverError);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : '');
