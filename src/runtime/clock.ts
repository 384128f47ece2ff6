/** The one source of the time of day: for what leaves the server, such as the ends of tokens. */
export const nowMilliseconds = (): number => Date.now();

/** Seconds since the epoch, as a JWT's NumericDate counts them (RFC 7519 2). */
export const toSeconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);

let shared: () => number = nowMilliseconds;

/**
 * The time of day that processes of one database agree on, and that a jump of the clock does not move at once: for what
 * is put in order or counted by time. `AgreedClock` keeps it.
 */
export const sharedMilliseconds = (): number => Math.floor(shared());

/** From now on. */
export function shareTime(source: () => number): void {
  shared = source;
}
