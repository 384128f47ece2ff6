import type { Histogram } from 'prom-client';
import type { Cells, Distribution } from './cells.js';

/** A histogram as the registry reads it, from distributions that are kept outside of it. */
export function histogramOf(
  { name, help }: { name: string; help: string },
  bounds: readonly number[],
  cells: Cells<Distribution>,
): Histogram {
  const type = 'histogram';
  const aggregator = 'sum';
  const get = async () => ({
    ...{ name, help, type, aggregator },
    values: cells.all().flatMap(({ labels, cell }) => seriesOf(name, labels, bounds, cell)),
  });
  return { name, help, type, aggregator, get } as unknown as Histogram;
}

function seriesOf(
  name: string,
  labels: Readonly<Record<string, string>>,
  bounds: readonly number[],
  { counts, sum }: Distribution,
) {
  let count = 0;
  const buckets = [...bounds, '+Inf'].map((le, bucket) => {
    count += counts[bucket] as number;
    return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: count };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
