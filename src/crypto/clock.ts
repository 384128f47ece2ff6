/** The one source of the time of day. */
export const nowMilliseconds = (): number => Date.now();

/** Seconds since the epoch, as a JWT's NumericDate counts them (RFC 7519 2). */
export const toSeconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);
