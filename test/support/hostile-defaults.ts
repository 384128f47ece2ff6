import { engine } from './database.js';

/** Unusual defaults of a MariaDB server, which break code that relies on the usual ones. */
const OF_MARIADB = [
  '--character-set-server=latin1',
  '--collation-server=latin1_swedish_ci',
  // The server then ignores the character set that a client requests.
  '--skip-character-set-client-handshake',
  '--sql-mode=ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES',
  '--autocommit=OFF',
];

/** The same for PostgreSQL. */
const OF_POSTGRES = [
  'default_transaction_isolation=serializable',
  'standard_conforming_strings=off',
  'backslash_quote=on',
  'escape_string_warning=off',
  'client_encoding=latin1',
  'DateStyle=German',
  'IntervalStyle=iso_8601',
  'timezone=Asia/Kolkata',
  'lc_messages=C',
  'lock_timeout=1',
  'idle_in_transaction_session_timeout=1s',
  'array_nulls=off',
  'transform_null_equals=on',
];

export const HOSTILE_DEFAULTS = engine === 'postgres' ? OF_POSTGRES : OF_MARIADB;

/** The collation of the database itself. */
export const HOSTILE_CREATION =
  engine === 'postgres'
    ? "CREATE DATABASE latchkey TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'de-u-ks-level1' LOCALE 'C.UTF-8'"
    : 'CREATE DATABASE latchkey';
