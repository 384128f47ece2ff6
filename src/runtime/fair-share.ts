import { TemporarilyUnavailable } from '../protocol/unavailable.js';

interface Task {
  start: (lane: number) => void;
}

export interface FairShareLimits {
  /** Tasks that run at once. */
  lanes: number;
  maxWaitingPerCaller: number;
  maxWaiting: number;
  /** From the call to its outcome, including the wait. */
  maxMilliseconds: number;
  /** The error of a task that started but did not finish in time. */
  tooLong: () => Error;
}

/**
 * Runs expensive work for many callers in a few lanes. A caller has at most one running task and callers take turns,
 * so a caller with many requests delays only itself. A task that exceeds its time is rejected but keeps its lane
 * until it ends.
 */
export class FairShare {
  /** In the order of the callers' next turns. */
  private readonly waiting = new Map<string, Task[]>();
  private waitingCount = 0;
  private readonly running = new Set<string>();
  private readonly freeLanes: number[];

  constructor(private readonly limits: FairShareLimits) {
    this.freeLanes = Array.from({ length: limits.lanes }, (_, lane) => lane);
  }

  /** How many calls wait. */
  get length(): number {
    return this.waitingCount;
  }

  run<T>(caller: string, work: (lane: number) => Promise<T>): Promise<T> {
    const { maxWaiting, maxWaitingPerCaller, maxMilliseconds, tooLong } = this.limits;
    const own = this.waiting.get(caller) ?? [];
    if (this.waitingCount >= maxWaiting || own.length >= maxWaitingPerCaller)
      return Promise.reject(new TemporarilyUnavailable());
    return new Promise<T>((resolve, reject) => {
      const task: Task = {
        start: (lane) => {
          started = true;
          this.runInLane(caller, lane, work)
            .then(resolve, reject)
            .finally(() => clearTimeout(deadline));
        },
      };
      let started = false;
      const deadline = setTimeout(() => {
        if (!started) this.withdraw(caller, task);
        reject(started ? tooLong() : new TemporarilyUnavailable());
      }, maxMilliseconds);
      this.waiting.set(caller, [...own, task]);
      this.waitingCount++;
      this.startNext();
    });
  }

  private async runInLane<T>(caller: string, lane: number, work: (lane: number) => Promise<T>): Promise<T> {
    this.running.add(caller);
    try {
      return await work(lane);
    } finally {
      this.running.delete(caller);
      this.moveToEnd(caller);
      this.freeLanes.push(lane);
      this.startNext();
    }
  }

  private startNext(): void {
    for (const [caller, [task, ...rest]] of this.waiting) {
      if (this.freeLanes.length === 0) return;
      if (this.running.has(caller) || !task) continue;
      if (rest.length > 0) this.waiting.set(caller, rest);
      else this.waiting.delete(caller);
      this.waitingCount--;
      task.start(this.freeLanes.pop() as number);
    }
  }

  private moveToEnd(caller: string): void {
    const tasks = this.waiting.get(caller);
    if (!tasks) return;
    this.waiting.delete(caller);
    this.waiting.set(caller, tasks);
  }

  private withdraw(caller: string, task: Task): void {
    const rest = (this.waiting.get(caller) ?? []).filter((other) => other !== task);
    if (rest.length > 0) this.waiting.set(caller, rest);
    else this.waiting.delete(caller);
    this.waitingCount--;
  }
}
