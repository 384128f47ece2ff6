/** Where a link for a new secret is opened. */
export const HAND_OVER_PATH = '/hand-over';
