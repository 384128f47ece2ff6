import type { QueryRunner } from 'typeorm';
import type { OrmGuard } from '../engine/orm-guard.js';

const MAX_ATTEMPTS = 8;
const MIN_RETRY_DELAY_MS = 10;

/** The driver's connection, with internals that its types omit. */
type Cut = (connection: unknown, error: Error) => void;

/** TypeORM's pool of connections to a server: one that did not end its transaction cleanly is closed. */
export class ServerOrm implements OrmGuard {
  readonly serializes = false;
  readonly maxAttempts = MAX_ATTEMPTS;

  constructor(readonly cut: Cut) {}

  /** The transaction has lost against others that continue. */
  maxRetryDelayMs(tries: number): number {
    return MIN_RETRY_DELAY_MS * 2 ** tries;
  }

  async beforeQuery(): Promise<void> {}

  async queryFailed(): Promise<void> {}

  async beforeTransaction(): Promise<void> {}

  committed(): void {}

  afterTransaction(): void {}

  async discard(runner: QueryRunner, error: unknown): Promise<void> {
    // If no connection was available, BEGIN failed and there is none to release.
    await runner.connect().then(
      (connection: unknown) => this.cut(connection, error as Error),
      () => undefined,
    );
  }
}
