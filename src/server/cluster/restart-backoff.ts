const FIRST_PAUSE_MILLISECONDS = 250;
const MAX_PAUSE_MS = 30_000;
/** A worker that served for this long is able to run. */
const SETTLED_MILLISECONDS = 10_000;
const MAX_FAILED_STARTS = 3;

/** The delay before the next worker, and when to give up. */
export class RestartBackoff {
  /** Since a worker last ended after that time. */
  private deaths = 0;
  /** Since a worker last served. */
  private failedStarts = 0;

  workerServes(): void {
    this.failedStarts = 0;
  }

  /** `servedMilliseconds` is absent if the worker never served. The first of several deaths causes no delay. */
  workerDied(servedMilliseconds?: number): { pauseMilliseconds: number; givenUp: boolean } {
    if (servedMilliseconds === undefined) this.failedStarts++;
    else if (servedMilliseconds >= SETTLED_MILLISECONDS) this.deaths = 0;
    const pauseMilliseconds =
      this.deaths === 0 ? 0 : Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MILLISECONDS * 2 ** (this.deaths - 1));
    this.deaths++;
    return { pauseMilliseconds, givenUp: this.failedStarts >= MAX_FAILED_STARTS };
  }
}
