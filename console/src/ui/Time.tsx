const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000_000],
  ['month', 2_592_000_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
];

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const absolute = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

export function relativeTime(date: string, nowMs = Date.now()): string {
  const distanceMs = new Date(date).getTime() - nowMs;
  const [unit, sizeMs] = UNITS.find(([, size]) => Math.abs(distanceMs) >= size) ?? ['second', 1_000];
  return relative.format(Math.round(distanceMs / sizeMs), unit);
}

export const absoluteTime = (date: string): string => absolute.format(new Date(date));

/** How long ago or ahead; the full date is shown on hover, or all the time. */
export function Time({ at, full = false }: { at: string; full?: boolean }) {
  return (
    <time dateTime={at} title={absoluteTime(at)}>
      {full ? `${absoluteTime(at)} (${relativeTime(at)})` : relativeTime(at)}
    </time>
  );
}
