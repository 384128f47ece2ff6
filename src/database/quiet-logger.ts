import { AbstractLogger } from 'typeorm';

/** TypeORM prints failed migrations whatever `logging` says, also those that are run again: errors reach the caller. */
export class QuietLogger extends AbstractLogger {
  protected override isLogEnabledFor(): boolean {
    return false;
  }

  protected override writeLog(): void {
    // Nothing is enabled.
  }
}
