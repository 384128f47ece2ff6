const DAY_MS = 86_400_000;

/** How long before its end a credential or certificate gets a warning. */
export const SOON_MS = 30 * DAY_MS;

export const isSoon = (end: string, nowMs = Date.now()): boolean => new Date(end).getTime() - nowMs < SOON_MS;
