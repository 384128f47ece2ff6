import type { Check } from './member-checks.js';

const DATE_TIME = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?(?:Z|[+-](\d{2}):(\d{2}))$/;

const LAST_MILLISECOND = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** An instant from 1970 to 9999 (RFC 3339 5.6); a date alone could mean its beginning or its end. */
export const dateTime: Check = (value) =>
  isDateTime(value) ? undefined : 'must be a date and time with its zone, such as 2027-01-31T12:00:00Z';

function isDateTime(value: unknown): boolean {
  const parts = typeof value === 'string' ? DATE_TIME.exec(value) : null;
  if (!parts) return false;
  const [, year, month, day, hour, minute, second, zoneHour = '0', zoneMinute = '0'] = parts;
  const at = Date.parse(String(value));
  // Date.parse accepts 30 February and 24:00.
  const isInCalendar =
    Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= daysIn(year, month);
  const isOnClock = Number(hour) <= 23 && Number(minute) <= 59 && Number(second) <= 59;
  const isZone = Number(zoneHour) <= 23 && Number(zoneMinute) <= 59;
  return isInCalendar && isOnClock && isZone && at >= 0 && at <= LAST_MILLISECOND;
}

const daysIn = (year: string | undefined, month: string | undefined): number =>
  new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
