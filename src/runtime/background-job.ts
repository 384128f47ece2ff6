/** Hears how the work beside the requests fares, and decides what the log says of it. */
export interface JobObserver {
  failed(by: object, error: unknown, failureMessage: string): void;
  succeeded(by: object): void;
}

/** What is done again and again beside the requests. */
interface Work {
  /** One step; answers whether there is likely more to do. */
  step: () => Promise<boolean>;
  /** The pause after a step that left more to do, and after one that did not or that failed. */
  intervalMs: { busy: number; idle: number };
  /** How much of the time busy steps may take at most, so that they slow down where the machine is busy with more. */
  busyShare?: number;
  /** What the log says of a step that failed. */
  failureMessage: string;
}

/** Repeats a step until it is stopped, never two at once; a step that fails is tried again after the idle pause. */
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

  /** Resolves when no step is under way. */
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
