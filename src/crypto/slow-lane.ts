/** Lets a few slow jobs run at once and a bounded number wait, so that a flood of them starves nobody else. */
export class SlowLane {
  private running = 0;
  private readonly waiting = new Set<() => void>();

  constructor(
    private readonly lanes: number,
    private readonly mostWaiting: number,
    private readonly tooMany: () => Error,
  ) {}

  /** A job that has not begun after its longest wait is refused as one too many. */
  async run<T>(job: () => Promise<T>, longestWaitMilliseconds?: number): Promise<T> {
    if (this.running < this.lanes) this.running++;
    else await this.turn(longestWaitMilliseconds);
    try {
      return await job();
    } finally {
      const [next] = this.waiting;
      if (next) next();
      else this.running--;
    }
  }

  private turn(longestWaitMilliseconds: number | undefined): Promise<void> {
    if (this.waiting.size >= this.mostWaiting) throw this.tooMany();
    return new Promise((resolve, reject) => {
      const begin = () => {
        clearTimeout(late);
        this.waiting.delete(begin);
        resolve();
      };
      this.waiting.add(begin);
      const late =
        longestWaitMilliseconds === undefined
          ? undefined
          : setTimeout(() => {
              this.waiting.delete(begin);
              reject(this.tooMany());
            }, longestWaitMilliseconds);
    });
  }
}
