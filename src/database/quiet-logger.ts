import { AbstractLogger } from 'typeorm';

/**
 * TypeORM prints failed migrations regardless of `logging`, even those that are retried; the caller gets the errors
 * anyway.
 */
export class QuietLogger extends AbstractLogger {
  protected override isLogEnabledFor(): boolean {
    return false;
  }

  protected override writeLog(): void {
    // Logging is disabled.
  }
}
