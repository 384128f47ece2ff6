const FIRST_PAUSE_MILLISECONDS = 250;
const MAX_PAUSE_MS = 30_000;
/** A worker that has served as long as this did not end because it cannot run. */
const SETTLED_MILLISECONDS = 10_000;
const MAX_FAILED_STARTS = 3;

/** How long to wait before the next worker, and when to have no more hope of one. */
export class RestartBackoff {
  /** Since a worker last ended after it had settled. */
  private deaths = 0;
  /** Since a worker last served. */
  private failedStarts = 0;

  workerServes(): void {
    this.failedStarts = 0;
  }

  /** Of a worker that never served, `servedMilliseconds` is absent. The first of several deaths is no reason to wait. */
  workerDied(servedMilliseconds?: number): { pauseMilliseconds: number; givenUp: boolean } {
    if (servedMilliseconds === undefined) this.failedStarts++;
    else if (servedMilliseconds >= SETTLED_MILLISECONDS) this.deaths = 0;
    const pauseMilliseconds =
      this.deaths === 0 ? 0 : Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MILLISECONDS * 2 ** (this.deaths - 1));
    this.deaths++;
    return { pauseMilliseconds, givenUp: this.failedStarts >= MAX_FAILED_STARTS };
  }
}
