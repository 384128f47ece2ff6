/** The wall clock, for times that leave the server, such as token expiry. */
export const nowMilliseconds = (): number => Date.now();

/** Seconds since the epoch, as in a JWT's NumericDate (RFC 7519 2). */
export const toSeconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);

let shared: () => number = nowMilliseconds;

/**
 * The time of day that all processes of a database share, and that a clock jump does not move at once; for ordering
 * and for counting by time. Set by `AgreedClock`.
 */
export const sharedMilliseconds = (): number => Math.floor(shared());

/** Sets the source from now on. */
export function shareTime(source: () => number): void {
  shared = source;
}
