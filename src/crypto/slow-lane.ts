/** Lets a few slow jobs run at once and a bounded number wait, so that a flood of them starves nobody else. */
export class SlowLane {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly lanes: number,
    private readonly mostWaiting: number,
    private readonly tooMany: () => Error,
  ) {}

  async run<T>(job: () => Promise<T>): Promise<T> {
    if (this.running < this.lanes) this.running++;
    else await this.turn();
    try {
      return await job();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }

  private turn(): Promise<void> {
    if (this.waiting.length >= this.mostWaiting) throw this.tooMany();
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
