import { describe, expect, it } from 'vitest';
import { TemporarilyUnavailable } from '../protocol/unavailable.js';
import { asStorageError, isConflict, isDuplicate, isStale } from './storage-error.js';

const ofServer = (code: string) => Object.assign(new Error('x'), { code, errno: 1, sqlState: 'HY000' });
const ofPostgres = (code: string) => Object.assign(new Error('x'), { code, severity: 'ERROR' });
const ofSystem = (code: string) => Object.assign(new Error('x'), { code, syscall: 'connect' });
const ofDriver = (code: string) => Object.assign(new Error('x'), { code, fatal: true });
const wrapped = (error: Error) => Object.assign(new Error('query failed'), { driverError: error });

describe('asStorageError', () => {
  it.each([
    ofServer('ER_OPTION_PREVENTS_STATEMENT'),
    ofServer('ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION'),
    ofServer('ER_READ_ONLY_MODE'),
    ofServer('ER_CON_COUNT_ERROR'),
    ofServer('ER_TOO_MANY_USER_CONNECTIONS'),
    ofServer('ER_USER_LIMIT_REACHED'),
    ofServer('ER_ACCESS_DENIED_ERROR'),
    ofServer('ER_ACCOUNT_HAS_BEEN_LOCKED'),
    ofServer('UNKNOWN_CODE_PLEASE_REPORT'),
    ofServer('ER_SERVER_SHUTDOWN'),
    ofServer('ER_UNKNOWN_COM_ERROR'),
    ofServer('ER_BAD_DB_ERROR'),
    ofServer('ER_NO_SUCH_TABLE'),
    ofServer('ER_DBACCESS_DENIED_ERROR'),
    ofServer('ER_TABLEACCESS_DENIED_ERROR'),
    ofServer('ER_RECORD_FILE_FULL'),
    ofServer('ER_DISK_FULL'),
    ofServer('ER_ERROR_ON_WRITE'),
    ofServer('ER_NET_PACKET_TOO_LARGE'),
    ofServer('ER_LOCK_DEADLOCK'),
    ofServer('ER_LOCK_WAIT_TIMEOUT'),
    ofServer('ER_A_CODE_OF_A_LATER_VERSION'),
    ofSystem('EAI_AGAIN'),
    ofSystem('ENOTFOUND'),
    ofSystem('ENETUNREACH'),
    ofSystem('ECONNREFUSED'),
    ofDriver('PROTOCOL_CONNECTION_LOST'),
    ofDriver('HANDSHAKE_SSL_ERROR'),
    Object.assign(new Error('x'), { code: 'CERT_HAS_EXPIRED' }),
    Object.assign(new Error('x'), { code: 'SELF_SIGNED_CERT_IN_CHAIN' }),
    Object.assign(new Error('x'), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }),
    Object.assign(new Error('x'), { code: 'SQLITE_FULL' }),
    Object.assign(new Error('x'), { code: 'SQLITE_IOERR_WRITE' }),
    Object.assign(new Error('x'), { code: 'SQLITE_READONLY' }),
    ...['25006', '28P01', '3D000', '40001', '40P01', '42501', '42P01', '53100', '53300', '55P03'].map(
      ofPostgres,
    ),
    ...['57014', '57P01', '57P03', '58030', '08P01', 'XX000', '23505'].map(ofPostgres),
    new Error('Connection terminated unexpectedly'),
    new Error('timeout exceeded when trying to connect'),
    new Error('Queue limit reached.'),
    new Error('Pool is closed.'),
  ])('reports every error but that of a statement as unavailable: $code $message (fault D2)', (error) => {
    expect(asStorageError(error)).toEqual(new TemporarilyUnavailable(error));
    expect(asStorageError(wrapped(error))).toBeInstanceOf(TemporarilyUnavailable);
  });

  it.each([
    ofServer('ER_PARSE_ERROR'),
    ofServer('ER_BAD_FIELD_ERROR'),
    ofServer('ER_DATA_TOO_LONG'),
    ...['42601', '42703', '22001', '23502', '54000', '0A000'].map(ofPostgres),
    Object.assign(new Error('x'), { code: 'SQLITE_ERROR' }),
    Object.assign(new Error('x'), { code: 'SQLITE_CONSTRAINT_NOTNULL' }),
    Object.assign(new Error('x'), { code: 'invalid_request' }),
    Object.assign(new Error('x'), { code: 'ERR_INVALID_ARG_TYPE' }),
    new TypeError('a fault of the code'),
    undefined,
    'text',
  ])('returns a statement error unchanged: $code (fault D2)', (error) => {
    expect(asStorageError(error)).toBe(error);
  });

  it('recognises duplicates and conflicts wrapped by TypeORM', () => {
    expect(isDuplicate(wrapped(ofServer('ER_DUP_ENTRY')))).toBe(true);
    expect(isConflict(wrapped(ofServer('ER_LOCK_DEADLOCK')))).toBe(true);
    expect(isDuplicate(wrapped(ofPostgres('23505')))).toBe(true);
    expect(isConflict(wrapped(ofPostgres('40P01')))).toBe(true);
  });
});

describe('isStale', () => {
  it.each([
    ['ER_OPTION_PREVENTS_STATEMENT', true],
    ['ER_READ_ONLY_MODE', true],
    ['ER_UNKNOWN_COM_ERROR', true],
    ['ER_A_CODE_OF_A_LATER_VERSION', true],
    ['ER_CON_COUNT_ERROR', false],
    ['ER_ACCESS_DENIED_ERROR', false],
    ['ER_LOCK_WAIT_TIMEOUT', false],
    ['ER_DISK_FULL', false],
    ['ER_PARSE_ERROR', false],
  ])('reports for %s whether other open connections fail likewise: %s (fault D2)', (code, stale) => {
    expect(isStale(asStorageError(ofServer(code)))).toBe(stale);
  });

  it.each([
    ['25006', true],
    ['57P01', true],
    ['42P01', true],
    ['53100', false],
    ['53300', false],
    ['28P01', false],
    ['55P03', false],
    ['40001', false],
    ['42601', false],
  ])('reports the same for the SQLSTATE %s of PostgreSQL: %s (fault D2)', (code, stale) => {
    expect(isStale(asStorageError(ofPostgres(code)))).toBe(stale);
  });
});
