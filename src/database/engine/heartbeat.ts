/** Detects an unreachable database server; a database in this process has none. */
export abstract class Heartbeat {
  /** Fails fast while the database is unreachable, before any work is queued. */
  abstract assertReachable(): void;
  /** Like `asStorageError`, and closes the idle connections if the error shows that they lead to the wrong server. */
  abstract storageError(error: unknown): unknown;
  /**
   * Opens a new connection if anything has failed since the last check; open connections do not show whether new ones
   * are accepted.
   */
  abstract assertConnectable(): Promise<void>;
  /** How often the process has moved to another host, which may lack changes that are cached here. */
  abstract readonly moves: number;
  abstract close(): void;
}
