import { Injectable } from '@nestjs/common';

/** Whether the process was asked to stop: it still serves, but is not ready for new traffic. */
@Injectable()
export class ShutdownState {
  private stopping = false;

  get isStopping(): boolean {
    return this.stopping;
  }

  begin(): void {
    this.stopping = true;
  }
}
