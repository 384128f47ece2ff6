import type { MetricFamilies } from './metrics.js';

/** Prometheus's text format, in which all metrics are served. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** The metrics of all workers as one text; each is summed or otherwise aggregated as it was declared. */
export async function exposeMetrics(workers: readonly MetricFamilies[]): Promise<string> {
  const { AggregatorRegistry } = await import('prom-client');
  return AggregatorRegistry.aggregate([...workers]).metrics();
}

/** Merges counters: their values outlive the process that counted them. */
export async function mergeCounts(...processes: MetricFamilies[]): Promise<MetricFamilies> {
  const { AggregatorRegistry } = await import('prom-client');
  const counts = processes.map((families) => families.filter(({ type }) => COUNTS.includes(String(type))));
  return AggregatorRegistry.aggregate(counts).getMetricsAsJSON();
}

const COUNTS = ['counter', 'histogram'];
