import { type ErrorCodes, oneOf } from '../engine/error-codes.js';

export const MYSQL_ERRORS: ErrorCodes = {
  duplicate: oneOf('ER_DUP_ENTRY'),
  conflict: oneOf(
    'ER_LOCK_DEADLOCK',
    'ER_LOCK_WAIT_TIMEOUT',
    'ER_LOCK_NOWAIT',
    // MariaDB with innodb_snapshot_isolation.
    'ER_CHECKREAD',
  ),
  lockWait: oneOf('ER_LOCK_WAIT_TIMEOUT'),
  ofStatement: oneOf(
    ...['ER_PARSE_ERROR', 'ER_SYNTAX_ERROR', 'ER_EMPTY_QUERY', 'ER_BAD_FIELD_ERROR', 'ER_NON_UNIQ_ERROR'],
    ...['ER_WRONG_VALUE_COUNT', 'ER_WRONG_VALUE_COUNT_ON_ROW', 'ER_FIELD_SPECIFIED_TWICE'],
    ...['ER_WRONG_ARGUMENTS', 'ER_WRONG_FIELD_WITH_GROUP', 'ER_MIX_OF_GROUP_FUNC_AND_FIELDS'],
    ...['ER_INVALID_GROUP_FUNC_USE', 'ER_OPERAND_COLUMNS', 'ER_SUBQUERY_NO_1_ROW'],
    ...['ER_UNKNOWN_SYSTEM_VARIABLE', 'ER_PS_MANY_PARAM', 'ER_CANT_AGGREGATE_2COLLATIONS'],
    ...['ER_TABLE_EXISTS_ERROR', 'ER_DUP_FIELDNAME', 'ER_DUP_KEYNAME'],
    ...['ER_BAD_NULL_ERROR', 'ER_NO_DEFAULT_FOR_FIELD', 'ER_DATA_TOO_LONG'],
    ...['ER_WARN_DATA_OUT_OF_RANGE', 'ER_TRUNCATED_WRONG_VALUE', 'ER_TRUNCATED_WRONG_VALUE_FOR_FIELD'],
    ...['ER_CHECK_CONSTRAINT_VIOLATED', 'ER_CONSTRAINT_FAILED', 'WARN_DATA_TRUNCATED'],
  ),
  keepsConnections: oneOf(
    ...['ER_DISK_FULL', 'ER_RECORD_FILE_FULL', 'ER_ERROR_ON_WRITE', 'ER_OUT_OF_RESOURCES', 'ER_OUTOFMEMORY'],
    ...['ER_QUERY_INTERRUPTED', 'ER_QUERY_TIMEOUT', 'ER_STATEMENT_TIMEOUT', 'ER_LOCK_TABLE_FULL'],
    // These refuse new connections only; open ones are worth keeping.
    ...['ER_CON_COUNT_ERROR', 'ER_TOO_MANY_USER_CONNECTIONS', 'ER_USER_LIMIT_REACHED'],
    ...['ER_ACCESS_DENIED_ERROR', 'ER_ACCOUNT_HAS_BEEN_LOCKED', 'ER_HOST_IS_BLOCKED'],
    'ER_HOST_NOT_PRIVILEGED',
  ),
  readOnly:
    /^(ER_OPTION_PREVENTS_STATEMENT|ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION|ER_(OPEN_AS_)?READ_?ONLY.*)$/,
  full: /^(ER_DISK_FULL|ER_RECORD_FILE_FULL|ER_ERROR_ON_WRITE)$/,
  rejectsConnections:
    /^ER_(CON_COUNT_ERROR|TOO_MANY_USER_CONNECTIONS|USER_LIMIT_REACHED|.*ACCESS_?DENIED.*|ACCOUNT_HAS_BEEN_LOCKED|HOST_.*)$/,
  own: /^(ER_|PROTOCOL_|HANDSHAKE_|POOL_)/,
  ownMessages: /closed state|Queue limit reached|Pool is closed|No connections available/,
};

/**
 * The start lock covers one node of a cluster only: on two nodes, a process may find a step already done or lose its
 * commit.
 */
export const LOST_RACE = oneOf(
  'ER_LOCK_DEADLOCK',
  'ER_LOCK_WAIT_TIMEOUT',
  'ER_QUERY_INTERRUPTED',
  'ER_ERROR_DURING_COMMIT',
  'ER_TABLE_DEF_CHANGED',
  'ER_TABLE_EXISTS_ERROR',
  'ER_DUP_ENTRY',
  'ER_DUP_FIELDNAME',
  'ER_DUP_KEYNAME',
);
