/** Observes background jobs and decides what is logged about them. */
export interface JobObserver {
  failed(by: object, error: unknown, failureMessage: string): void;
  succeeded(by: object): void;
}

/** A recurring job. */
interface Work {
  /** One step; resolves to whether more work is likely. */
  step: () => Promise<boolean>;
  /** The pause after a step that left more work, and after one that did not or that failed. */
  intervalMs: { busy: number; idle: number };
  /** Maximum share of the time for busy steps, so that they slow down on a loaded machine. */
  busyShare?: number;
  /** The log message for a failed step. */
  failureMessage: string;
}

/** Repeats a step until it is stopped, never two at once; a failed step is retried after the idle pause. */
export class BackgroundJob {
  private timer: NodeJS.Timeout | undefined;
  private underWay: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly observer: JobObserver,
    private readonly work: Work,
  ) {}

  start(afterMilliseconds = this.work.intervalMs.idle): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.underWay = this.step();
    }, afterMilliseconds);
    this.timer.unref();
  }

  /** Resolves when no step is running. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.underWay;
  }

  private async step(): Promise<void> {
    const { step, intervalMs, busyShare = 1, failureMessage } = this.work;
    const began = performance.now();
    let more = false;
    try {
      more = await step();
      this.observer.succeeded(this);
    } catch (error) {
      this.observer.failed(this, error, failureMessage);
    }
    const rest = (performance.now() - began) * (1 / busyShare - 1);
    const { busy, idle } = intervalMs;
    this.start(more ? Math.max(busy, Math.min(rest, idle)) : idle);
  }
}
