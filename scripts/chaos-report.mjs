import { existsSync, readFileSync } from 'node:fs';

const COLUMNS = [
  ['engine', 'engine'],
  ['fault', 'fault'],
  ['rounds', 'rounds'],
  ['issued', 'issued'],
  ['refreshed', 'refreshed'],
  ['closed', 'closed'],
  ['unknown', 'unknown'],
  ['lost', 'lost'],
  ['risen', 'risen'],
  ['stale', 'stale'],
  ['recoveryMs', 'recovery ms'],
  ['startMs', 'start ms'],
];

/** The counts that the tests in test/chaos have written, as the lines of a table; none if they did not run. */
export function chaosReport(file) {
  if (!existsSync(file)) return [];
  const rows = readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  const table = [
    COLUMNS.map(([, title]) => title),
    ...rows.map((row) => COLUMNS.map(([key]) => String(row[key] ?? ''))),
  ];
  const widths = COLUMNS.map((_, at) => Math.max(...table.map((row) => row[at].length)));
  return table.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at]))
      .join('  ')
      .trimEnd(),
  );
}
