/** A time span that excludes its end; an absent side is unbounded. Epoch milliseconds. */
export interface DateRange {
  from?: number;
  until?: number;
}

const DAY = String.raw`(\d{4})(?:-(\d{2})(?:-(\d{2})`;
const TIME = String.raw`(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+ -]\d{2}:\d{2}))?)?)?`;
const DATE = new RegExp(`^(eq|ge|le|gt|lt)?${DAY}${TIME}$`);

/**
 * Parses the date of a search parameter: a year, month, day or instant with its zone, after `ge`, `le`, `gt`, `lt`,
 * `eq` or nothing. A date means all the time it covers: `2026-01` is a month.
 */
export function readDateRange(value: string): DateRange | undefined {
  const parts = DATE.exec(value);
  const span = parts && spanOf(parts);
  if (!span) return undefined;
  const [from, until] = span;
  switch (parts[1]) {
    case 'ge':
      return { from };
    case 'gt':
      return { from: until };
    case 'le':
      return { until };
    case 'lt':
      return { until: from };
    default:
      return { from, until };
  }
}

function spanOf(parts: RegExpExecArray): [from: number, until: number] | undefined {
  const [, , year, month, day, hour, minute, second, fraction, zone] = parts;
  const [y, m, d] = [Number(year), Number(month ?? 1), Number(day ?? 1)];
  const [h, min, s] = [Number(hour ?? 0), Number(minute ?? 0), Number(second ?? 0)];
  const milliseconds = Number((fraction ?? '0').padEnd(3, '0').slice(0, 3));
  const from = utc(y, m, d) + ((h * 60 + min) * 60 + s) * 1000 + milliseconds - offsetOf(zone);
  if (m < 1 || m > 12 || d < 1 || d > daysIn(y, m) || h > 23 || min > 59 || s > 59 || Number.isNaN(from)) {
    return undefined;
  }
  if (month === undefined) return [from, utc(y + 1, 1, 1)];
  if (day === undefined) return [from, utc(y, m + 1, 1)];
  return [from, from + widthOf(hour, second, fraction)];
}

function widthOf(hour: string | undefined, second: string | undefined, fraction: string | undefined): number {
  if (hour === undefined) return 24 * 60 * 60 * 1000;
  if (second === undefined) return 60 * 1000;
  return 10 ** Math.max(0, 3 - (fraction?.length ?? 0));
}

/** A plus sign that was not percent-encoded arrives as a space. NaN for an invalid zone. */
function offsetOf(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(4))];
  if (hours > 14 || minutes > 59) return Number.NaN;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60 * 1000;
}

/** Date.UTC maps the years 0 to 99 to the 20th century. */
function utc(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month - 1, day);
}

const daysIn = (year: number, month: number): number => new Date(utc(year, month + 1, 0)).getUTCDate();
