import type { Aggregator, Registry } from 'prom-client';
import { Cells, Count, Distribution } from './cells.js';
import { histogramOf } from './distributions.js';

export interface MetricDefinition {
  name: string;
  help: string;
  labels?: readonly string[];
  /** How the values of several workers become one; the sum unless it is given. */
  aggregator?: Aggregator;
}

export type LabeledValue = readonly [labels: Readonly<Record<string, string>>, value: number];

/** A metric at the moment of a scrape; undefined leaves it out. */
export type Reading = number | undefined | readonly LabeledValue[];
export type ReadMetric = () => Reading | Promise<Reading>;

/** All metrics of one process, in a form that can be merged with those of other workers. */
export type MetricFamilies = Awaited<ReturnType<Registry['getMetricsAsJSON']>>;

/**
 * The metrics of this process. Each module registers those of its own part; no label value comes from a request. What a
 * module counts anyway is read at the scrape.
 */
export class Metrics {
  private readonly queues = new Map<string, () => number>();

  private constructor(
    private readonly prom: typeof import('prom-client'),
    private readonly registry: Registry,
  ) {
    this.gauge(
      { name: 'latchkey_queue_length', help: 'Calls that wait in a queue.', labels: ['queue'] },
      () => Array.from(this.queues, ([queue, length]) => [{ queue }, length()] as const),
    );
  }

  /** Loads the library on demand, so that a server without metrics does not need the memory. */
  static async open(): Promise<Metrics> {
    const prom = await import('prom-client');
    const registry = new prom.Registry();
    prom.collectDefaultMetrics({ register: registry });
    for (const name of NOT_COUNTERS) registry.removeSingleMetric(name);
    return new Metrics(prom, registry);
  }

  counter(definition: MetricDefinition): Cells<Count> {
    const cells = new Cells(() => new Count());
    this.total(definition, () => cells.all().map(({ labels, cell }) => [labels, cell.value] as const));
    return cells;
  }

  histogram(definition: MetricDefinition, bounds: readonly number[]): Cells<Distribution> {
    const cells = new Cells(() => new Distribution(bounds));
    this.registry.registerMetric(histogramOf(definition, bounds, cells));
    return cells;
  }

  gauge(definition: MetricDefinition, read: ReadMetric): void {
    new this.prom.Gauge({
      ...this.configure(definition),
      async collect() {
        const values = await readOrOmit(read);
        this.reset();
        if (definition.labels === undefined) this.remove();
        for (const [labels, value] of values) this.set(labels, value);
      },
    });
  }

  /** A counter whose total is kept elsewhere. */
  total(definition: MetricDefinition, read: ReadMetric): void {
    new this.prom.Counter({
      ...this.configure(definition),
      async collect() {
        const values = await readOrOmit(read);
        this.reset();
        for (const [labels, value] of values) this.inc(labels, value);
      },
    });
  }

  /** One value of `latchkey_queue_length`. */
  queue(name: string, length: () => number): void {
    this.queues.set(name, length);
  }

  /** A value that is not a number, such as a mean of nothing, cannot be sent to another process. */
  async families(): Promise<MetricFamilies> {
    const families = await this.registry.getMetricsAsJSON();
    return families.map((family) => ({
      ...family,
      aggregator: family.aggregator === 'omit' ? 'max' : family.aggregator,
      values: family.values.filter(({ value }) => Number.isFinite(value)),
    }));
  }

  private configure({ labels = [], ...definition }: MetricDefinition) {
    return { ...definition, labelNames: [...labels], registers: [this.registry] };
  }
}

/** Sums whose names Prometheus reserves for counters; their parts are reported. */
const NOT_COUNTERS = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** A value that cannot be read, such as one in an unreachable database, must not cost the scrape all others. */
async function readOrOmit(read: ReadMetric): Promise<readonly LabeledValue[]> {
  try {
    const values = await read();
    if (values === undefined) return [];
    return typeof values === 'number' ? [[{}, values]] : values;
  } catch {
    return [];
  }
}
