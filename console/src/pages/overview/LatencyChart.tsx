import type { Minute, Overview } from '../../api/overview.ts';
import type { Column } from '../../ui/List.tsx';
import { Card } from '../../ui/Page.tsx';
import { Chart, ceilingOf, clockTime, Legend, milliseconds } from './chart-parts.tsx';

const SLOT = 10;

type Row = Minute & { id: string };
type Percentile = 'p50' | 'p99';

const COLUMNS: Column<Row>[] = [
  { name: 'Minute', show: ({ start }) => clockTime(start) },
  { name: 'Half within', show: ({ latency_ms }) => milliseconds(latency_ms?.p50) },
  { name: '99 % within', show: ({ latency_ms }) => milliseconds(latency_ms?.p99) },
];

/** Median and 99th percentile of each minute: a solid line, and a dashed one. */
export function LatencyChart({ tokens: { minutes, latency_ms } }: { tokens: Overview['tokens'] }) {
  const timed = minutes.filter((minute) => minute.latency_ms !== undefined);
  const top = ceilingOf(Math.max(0, ...timed.map((minute) => minute.latency_ms?.p99 ?? 0)));
  return (
    <Card title="Latency of token requests">
      <Legend
        items={[
          { mark: 'line-p50', name: 'p50, solid', value: milliseconds(latency_ms?.p50) },
          { mark: 'line-p99', name: 'p99, dashed', value: milliseconds(latency_ms?.p99) },
        ]}
      />
      <Chart
        label="Latency"
        top={`${top} ms`}
        bottom="0"
        columns={COLUMNS}
        rows={timed.map((minute): Row => ({ ...minute, id: minute.start })).reverse()}
      >
        <path className="axis" d="M0 100H600" />
        <path className="line-p99" d={lineOf(minutes, 'p99', top)} />
        <path className="line-p50" d={lineOf(minutes, 'p50', top)} />
      </Chart>
    </Card>
  );
}

/** A minute without requests interrupts the line. A single minute is a short stroke. */
function lineOf(minutes: Minute[], percentile: Percentile, top: number): string {
  let isOpen = false;
  return minutes
    .map(({ latency_ms }, at) => {
      if (latency_ms === undefined) {
        isOpen = false;
        return '';
      }
      const y = 100 - (latency_ms[percentile] / top) * 100;
      const from = isOpen ? 'L' : 'M';
      isOpen = true;
      return `${from}${at * SLOT + 2} ${y}L${at * SLOT + 8} ${y}`;
    })
    .join('');
}
