type Labels = Readonly<Record<string, string>>;

/** One value of a counter; a plain number, so that counting a request costs next to nothing. */
export class Count {
  value = 0;

  add(): void {
    this.value++;
  }
}

/** One value of a histogram. */
export class Distribution {
  /** How many values are in each bucket, not cumulated; the last one has no bound. */
  readonly counts: Float64Array;
  sum = 0;

  constructor(private readonly bounds: readonly number[]) {
    this.counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    const { bounds, counts } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket++;
    counts[bucket] = (counts[bucket] as number) + 1;
    this.sum += value;
  }
}

/** The values of one metric by their labels. A caller binds each of them once, not for each request. */
export class Cells<T> {
  private readonly byLabels = new Map<string, { labels: Labels; cell: T }>();

  constructor(private readonly make: () => T) {}

  bind(labels: Labels = {}): T {
    const key = JSON.stringify(Object.entries(labels).sort());
    let found = this.byLabels.get(key);
    if (!found) {
      found = { labels, cell: this.make() };
      this.byLabels.set(key, found);
    }
    return found.cell;
  }

  all(): readonly { labels: Labels; cell: T }[] {
    return [...this.byLabels.values()];
  }
}
