import type { Minute, Overview } from '../../api/overview.ts';
import type { Column } from '../../ui/List.tsx';
import { Card } from '../../ui/Page.tsx';
import { Chart, ceilingOf, clockTime, Legend } from './chart-parts.tsx';

const SLOT = 10;
const BAR = 7;

type Row = Minute & { id: string };

const COLUMNS: Column<Row>[] = [
  { name: 'Minute', show: ({ start }) => clockTime(start) },
  { name: 'Issued', show: ({ issued }) => issued },
  { name: 'Refused', show: ({ refused }) => refused },
  { name: 'Failed', show: ({ failed }) => failed },
];

/** Issued tokens above the line; below it what was refused, outlined, and what failed, filled. */
export function TokensChart({ tokens }: { tokens: Overview['tokens'] }) {
  const { minutes, issued, refused, failed } = tokens;
  const up = ceilingOf(Math.max(...minutes.map((minute) => minute.issued)));
  const mostDown = Math.max(...minutes.map((minute) => minute.refused + minute.failed));
  const down = mostDown === 0 ? 0 : ceilingOf(mostDown);
  const scale = 100 / (up + down);
  const zero = up * scale;
  const rows = minutes
    .filter((minute) => minute.issued + minute.refused + minute.failed > 0)
    .map((minute): Row => ({ ...minute, id: minute.start }))
    .reverse();
  return (
    <Card title="Tokens per minute">
      <Legend
        items={[
          { mark: 'bar-issued', name: 'issued', value: issued.toLocaleString('en') },
          { mark: 'bar-refused', name: 'refused, below the line', value: refused.toLocaleString('en') },
          { mark: 'bar-failed', name: 'failed, below the line', value: failed.toLocaleString('en') },
        ]}
      />
      <Chart
        label="Tokens per minute"
        top={String(up)}
        bottom={down === 0 ? '0' : `${down} refused or failed`}
        columns={COLUMNS}
        rows={rows}
      >
        {minutes.map((minute, at) => (
          <Bars
            key={minute.start}
            minute={minute}
            x={at * SLOT + (SLOT - BAR) / 2}
            zero={zero}
            scale={scale}
          />
        ))}
        <path className="axis" d={`M0 ${zero}H600`} />
      </Chart>
    </Card>
  );
}

function Bars({ minute, x, zero, scale }: { minute: Minute; x: number; zero: number; scale: number }) {
  const { start, issued, refused, failed } = minute;
  const heights = { issued: issued * scale, refused: refused * scale, failed: failed * scale };
  return (
    <g>
      <title>{`${clockTime(start)}: ${issued} issued, ${refused} refused, ${failed} failed`}</title>
      <rect className="bar-hover" x={x} y={0} width={BAR} height={100} />
      {issued > 0 && (
        <rect className="bar-issued" x={x} y={zero - heights.issued} width={BAR} height={heights.issued} />
      )}
      {refused > 0 && <rect className="bar-refused" x={x} y={zero} width={BAR} height={heights.refused} />}
      {failed > 0 && (
        <rect className="bar-failed" x={x} y={zero + heights.refused} width={BAR} height={heights.failed} />
      )}
    </g>
  );
}
