/** JWS algorithms that this server signs with (RFC 7518 3.1, RFC 8037 3.1). */
export const SIGNING_ALGS = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const;

export type SigningAlg = (typeof SIGNING_ALGS)[number];

export const DEFAULT_SIGNING_ALG: SigningAlg = 'RS256';
