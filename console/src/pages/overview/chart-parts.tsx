import type { ReactNode } from 'react';
import { type Column, Table } from '../../ui/List.tsx';

/** A round number not below this, so that the axis ends at one. */
export function ceilingOf(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((one) => one * power >= value) ?? 10;
  return step * power;
}

export interface LegendItem {
  /** The class that draws it in the chart. */
  mark: string;
  name: string;
  value: string;
}

/** What the marks of a chart mean: each differs in place or shape as well as in colour. */
export function Legend({ items }: { items: LegendItem[] }) {
  return (
    <ul className="legend">
      {items.map(({ mark, name, value }) => (
        <li key={name}>
          <svg className="legend-mark" viewBox="0 0 12 12" aria-hidden="true">
            {mark.startsWith('line') ? (
              <path className={mark} d="M0 6H12" />
            ) : (
              <rect className={mark} x="1" y="1" width="10" height="10" />
            )}
          </svg>
          {name} <strong>{value}</strong>
        </li>
      ))}
    </ul>
  );
}

/** A drawing with the ends of its axes, and the same numbers as a table. */
export function Chart<T extends { id: string }>({
  label,
  top,
  bottom,
  columns,
  rows,
  children,
}: {
  label: string;
  /** The value at the upper edge, and at the lower one. */
  top: string;
  bottom: string;
  columns: Column<T>[];
  rows: T[];
  children: ReactNode;
}) {
  return (
    <figure className="chart">
      <div className="chart-frame">
        <span className="chart-top">{top}</span>
        <svg
          className="chart-drawing"
          viewBox="0 0 600 100"
          preserveAspectRatio="none"
          role="img"
          aria-label={`${label}; the table below has the same numbers`}
        >
          {children}
        </svg>
        <span className="chart-bottom">{bottom}</span>
      </div>
      <div className="chart-times" aria-hidden="true">
        <span>60 minutes ago</span>
        <span>30</span>
        <span>now</span>
      </div>
      <details className="chart-table">
        <summary>{label} as a table</summary>
        {rows.length === 0 ? (
          <p className="small soft">No request in the last hour.</p>
        ) : (
          <Table label={`${label}, by minute`} columns={columns} rows={rows} />
        )}
      </details>
    </figure>
  );
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

export const clockTime = (start: string): string => clock.format(new Date(start));

export const milliseconds = (value: number | undefined): string =>
  value === undefined ? '–' : `${value.toLocaleString('en')} ms`;
