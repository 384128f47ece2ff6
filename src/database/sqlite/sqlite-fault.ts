/** What SQLite says about the statement; whatever else it says is about the storage. */
const OF_THE_STATEMENT = /^SQLITE_(ERROR|CONSTRAINT|MISMATCH|MISUSE|RANGE|TOOBIG|AUTH|BUSY|ROW|DONE|OK)(_|$)/;

const DAMAGED = /^SQLITE_(NOTADB|CORRUPT)(_|$)/;

/** All statements are fixed and tested: a table that they do not find was in the file once. */
const EMPTIED = /no such (table|column|index)/;

/** The code that SQLite itself has for a file that is no longer the one that was opened. */
export const MOVED = 'SQLITE_READONLY_DBMOVED';

/** The file or its file system does not take or give what it should: full, gone, read-only, unreadable. */
export const isStorageFault = (code: string, message: string): boolean =>
  code.startsWith('SQLITE_') && (!OF_THE_STATEMENT.test(code) || isDamaged(code, message));

/** The file is there and does not hold the database. */
export const isDamaged = (code: string, message: string): boolean =>
  DAMAGED.test(code) || (code === 'SQLITE_ERROR' && EMPTIED.test(message));
