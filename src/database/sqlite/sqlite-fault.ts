/** SQLite's codes for errors of the statement; all others concern the storage. */
const OF_THE_STATEMENT =
  /^SQLITE_(ERROR|CONSTRAINT|MISMATCH|MISUSE|RANGE|TOOBIG|AUTH|BUSY|INTERRUPT|ROW|DONE|OK)(_|$)/;

const DAMAGED = /^SQLITE_(NOTADB|CORRUPT)(_|$)/;

/** All statements are fixed and tested: a missing table must have existed before. */
const EMPTIED = /no such (table|column|index)/;

/** SQLite's own code for a file that is not the one that was opened. */
export const MOVED = 'SQLITE_READONLY_DBMOVED';

/** The code of a statement that was interrupted. */
export const INTERRUPTED = 'SQLITE_INTERRUPT';

/** The file or its file system fails: full, missing, read-only or unreadable. */
export const isStorageFault = (code: string, message: string): boolean =>
  code.startsWith('SQLITE_') && (!OF_THE_STATEMENT.test(code) || isDamaged(code, message));

/** The file exists but does not contain the database. */
export const isDamaged = (code: string, message: string): boolean =>
  DAMAGED.test(code) || (code === 'SQLITE_ERROR' && EMPTIED.test(message));
