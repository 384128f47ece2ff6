/** Hears how the work beside the requests fares, and decides what the log says of it. */
export interface Complaints {
  failed(by: object, error: unknown, complaint: string): void;
  succeeded(by: object): void;
}

/** What is done again and again beside the requests. */
interface Work {
  /** One step; answers whether there is likely more to do. */
  step: () => Promise<boolean>;
  /** The pause after a step that left more to do, and after one that did not or that failed. */
  betweenMilliseconds: { busy: number; calm: number };
  /** How much of the time busy steps may take at most, so that they slow down where the machine is busy with more. */
  busyShare?: number;
  /** What the log says of a step that failed. */
  complaint: string;
}

/** Repeats a step until it is stopped, never two at once; a step that fails is tried again after the calm pause. */
export class Chore {
  private timer: NodeJS.Timeout | undefined;
  private underWay: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly complaints: Complaints,
    private readonly work: Work,
  ) {}

  start(afterMilliseconds = this.work.betweenMilliseconds.calm): void {
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
    const { step, betweenMilliseconds, busyShare = 1, complaint } = this.work;
    const began = performance.now();
    let more = false;
    try {
      more = await step();
      this.complaints.succeeded(this);
    } catch (error) {
      this.complaints.failed(this, error, complaint);
    }
    const rest = (performance.now() - began) * (1 / busyShare - 1);
    const { busy, calm } = betweenMilliseconds;
    this.start(more ? Math.max(busy, Math.min(rest, calm)) : calm);
  }
}
