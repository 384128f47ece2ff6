/** Static claims of tokens, by name. */
export type Claims = Readonly<Record<string, unknown>>;

/** The claims of one token as JSON, in UTF-8. */
export const MAX_CLAIMS_BYTES = 8 * 1024;

export const claimsBytes = (claims: Claims): number => Buffer.byteLength(JSON.stringify(claims));
