import type { QueryRunner } from 'typeorm';

/** Keeps TypeORM's connections usable, in the way that the engine requires. */
export interface OrmGuard {
  /** Whether there is one connection, on which transactions would interleave. */
  readonly serializes: boolean;
  /** How often a transaction that lost against another one is attempted. */
  readonly maxAttempts: number;
  /** After this many attempts. */
  maxRetryDelayMs(tries: number): number;
  beforeQuery(): Promise<void>;
  queryFailed(error: unknown): Promise<void>;
  beforeTransaction(): Promise<void>;
  /** The transaction ended cleanly and was committed. */
  committed(): void;
  /** After each transaction, whatever its outcome. */
  afterTransaction(): void;
  /**
   * BEGIN, COMMIT or ROLLBACK failed: the connection may still be inside the transaction, where later writes would be
   * confirmed and never committed.
   */
  discard(runner: QueryRunner, error: unknown): Promise<void>;
  /** Rejects the pending statement of a connection of a QueryRunner, and closes the connection. */
  cut(connection: unknown, error: Error): void;
}
