import { TemporarilyUnavailable } from '../../protocol/unavailable.js';

/** Two thousand writes of a few milliseconds each; on SQLite no token is written meanwhile. */
export const MAX_BUNDLE_MS = 20_000;

/** How long one Bundle may take. A database server ends such a transaction itself as well, at its next statement. */
export class BundleBudget {
  private readonly until: number;

  constructor(
    private readonly entries: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.until = now() + MAX_BUNDLE_MS;
  }

  /** Throws what is answered as 503 if the time is over after so many entries. */
  require(written: number): void {
    if (this.now() <= this.until) return;
    throw new TemporarilyUnavailable(
      undefined,
      `nothing was written: ${written} of ${this.entries} entries took ${MAX_BUNDLE_MS / 1000} seconds; divide the Bundle into smaller ones`,
    );
  }
}
