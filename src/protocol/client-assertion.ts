/** RFC 7523 2.2. */
export const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** draft-ietf-oauth-spiffe-client-auth-02: a JWT-SVID, whose `sub` names its trust domain and whose `iss` is optional. */
export const JWT_SPIFFE = 'urn:ietf:params:oauth:client-assertion-type:jwt-spiffe';

/** The grant_type with which an assertion itself is the grant (RFC 7523 2.1). */
export const JWT_BEARER_GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** The supported values of client_assertion_type. */
export type AssertionType = typeof JWT_BEARER | typeof JWT_SPIFFE;

export const isAssertionType = (value: unknown): value is AssertionType =>
  value === JWT_BEARER || value === JWT_SPIFFE;

/** JWS algorithms in which a client may sign its assertions (RFC 7518 3.1, RFC 8037 3.1, RFC 9864 2.2). */
export const ASSERTION_ALGS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

export type AssertionAlg = (typeof ASSERTION_ALGS)[number];

export const isAssertionAlg = (value: unknown): value is AssertionAlg =>
  ASSERTION_ALGS.some((alg) => alg === value);

/** The `aud` of a client's assertions: the issuer of the dialect, or the URL of its token endpoint. */
export const ASSERTION_AUDIENCES = ['issuer', 'token_endpoint'] as const;

export type AssertionAudience = (typeof ASSERTION_AUDIENCES)[number];
