/** Defaults of a MariaDB server that other programs on it may need, and that break whatever relies on the usual ones. */
export const HOSTILE_DEFAULTS = [
  '--character-set-server=latin1',
  '--collation-server=latin1_swedish_ci',
  // The server then ignores the character set that a client asks for.
  '--skip-character-set-client-handshake',
  '--sql-mode=ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES',
  '--autocommit=OFF',
];
