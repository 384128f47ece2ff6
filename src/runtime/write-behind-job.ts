import type { BeforeApplicationShutdown } from '@nestjs/common';
import { BackgroundJob } from './background-job.js';

/** Writes what requests have noted, behind them; at shutdown, all that is left. */
export abstract class WriteBehindJob extends BackgroundJob implements BeforeApplicationShutdown {
  /** Whether there is something that no finished step has written. */
  protected abstract hasUnwritten(): boolean;

  /** The requests have ended, and the database is still open. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.stop();
    try {
      while (this.hasUnwritten()) await this.step();
    } catch (error) {
      this.observer.failed(this, error, this.schedule.failureMessage);
    }
  }
}
