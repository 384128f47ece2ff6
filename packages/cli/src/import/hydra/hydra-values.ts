/** A list, or words between bars, as earlier versions stored them. */
export function wordsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.filter((item): item is string => typeof item === 'string');
  return typeof value === 'string' ? value.split('|').filter((word) => word !== '') : [];
}

/** JSON in text; undefined if it is none. */
export const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const NANOSECONDS_PER_SECOND = 1_000_000_000;
const SECONDS: Readonly<Record<string, number>> = {
  h: 3600,
  m: 60,
  s: 1,
  ms: 1e-3,
  us: 1e-6,
  µs: 1e-6,
  ns: 1e-9,
};

/** Seconds of a duration in Go's form, `1h30m0s`, or of nanoseconds; undefined if it is neither. */
export function secondsOf(value: unknown): number | undefined {
  const nanoseconds = Number(value);
  if (value !== '' && Number.isFinite(nanoseconds)) return Math.round(nanoseconds / NANOSECONDS_PER_SECOND);
  if (typeof value !== 'string' || !/^(?:\d+(?:\.\d+)?(?:h|ms|m|us|µs|ns|s))+$/.test(value)) return undefined;
  const parts = [...value.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|us|µs|ns|s)/g)];
  const sum = parts.reduce(
    (total, [, amount, unit]) => total + Number(amount) * (SECONDS[unit as string] ?? 0),
    0,
  );
  return Math.round(sum);
}
