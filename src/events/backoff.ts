const MIN_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 60_000;

/** The pause after this many failures in a row: doubled each time, up to a minute. */
export const pauseAfter = (failures: number): number =>
  Math.min(MIN_PAUSE_MS * 2 ** Math.min(failures - 1, 10), MAX_PAUSE_MS);
