/** The grant types of a client: RFC 6749 4.4, and `basic` for the administration API with Basic authentication. */
export const CLIENT_GRANT_TYPES = ['client_credentials', 'basic'] as const;

export type ClientGrantType = (typeof CLIENT_GRANT_TYPES)[number];

/** The grants, as sessions name them. */
export type GrantType = 'client_credentials' | 'refresh_token' | 'jwt_bearer';

/** The `typ` of a JWT access token: `at+jwt` (RFC 9068 2.1) or the older `JWT`. */
export const TOKEN_PROFILES = ['rfc9068', 'classic'] as const;

export type TokenProfile = (typeof TOKEN_PROFILES)[number];

/** With `_authz` a token also lists its scope items in `permissions`, as Auth0's profiles of that name do. */
export const RESOURCE_PROFILES = [...TOKEN_PROFILES, 'rfc9068_authz', 'classic_authz'] as const;

export type ResourceProfile = (typeof RESOURCE_PROFILES)[number];
