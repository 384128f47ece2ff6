import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';

/** Observes background jobs and decides what is logged about them. */
export interface JobObserver {
  failed(by: object, error: unknown, failureMessage: string): void;
  succeeded(by: object): void;
}

export interface JobSchedule {
  /** The pause after a step that left more work, and after one that did not or that failed. */
  intervalMs: { busy: number; idle: number };
  /** Maximum share of the time for busy steps, so that they slow down on a loaded machine. */
  busyShare?: number;
  /** The log message for a failed step. */
  failureMessage: string;
}

/**
 * Repeats a step from the start of the application to its end, never two at once; a failed step is retried after the
 * idle pause.
 */
export abstract class BackgroundJob implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private underWay: Promise<void> = Promise.resolve();
  private stopped = false;

  protected constructor(
    protected readonly observer: JobObserver,
    protected readonly schedule: JobSchedule,
  ) {}

  /** Resolves to whether more work is likely. */
  protected abstract step(): Promise<boolean>;

  onApplicationBootstrap(): void | Promise<void> {
    this.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.stop();
  }

  protected start(afterMilliseconds = this.schedule.intervalMs.idle): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.underWay = this.run();
    }, afterMilliseconds);
    this.timer.unref();
  }

  /** Resolves when no step is running. */
  protected async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.underWay;
  }

  private async run(): Promise<void> {
    const { intervalMs, busyShare = 1, failureMessage } = this.schedule;
    const began = performance.now();
    let more = false;
    try {
      more = await this.step();
      this.observer.succeeded(this);
    } catch (error) {
      this.observer.failed(this, error, failureMessage);
    }
    const rest = (performance.now() - began) * (1 / busyShare - 1);
    const { busy, idle } = intervalMs;
    this.start(more ? Math.max(busy, Math.min(rest, idle)) : idle);
  }
}
