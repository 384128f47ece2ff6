import { type ErrorCodes, NO_CODE, oneOf } from '../engine/error-codes.js';

const duplicate = oneOf('SQLITE_CONSTRAINT_PRIMARYKEY', 'SQLITE_CONSTRAINT_UNIQUE');

const ofStatement = /^SQLITE_(ERROR|MISMATCH|RANGE|TOOBIG|MISUSE)$|^SQLITE_CONSTRAINT/;

export const SQLITE_ERRORS: ErrorCodes = {
  duplicate,
  conflict: oneOf('SQLITE_BUSY', 'SQLITE_BUSY_RECOVERY', 'SQLITE_BUSY_SNAPSHOT'),
  lockWait: NO_CODE,
  ofStatement: { test: (code) => ofStatement.test(code) && !duplicate.test(code) },
  keepsConnections: NO_CODE,
  readOnly: /^SQLITE_READONLY/,
  full: /^SQLITE_FULL/,
  rejectsConnections: NO_CODE,
  own: /^SQLITE/,
};
