/** A parsed token request; an empty parameter counts as not sent (RFC 6749 3.2). */
export interface TokenRequest {
  grantType: string;
  scope: string | undefined;
  audience: string | undefined;
  /** RFC 8707 2: the only parameter that may be repeated. */
  resources: readonly string[];
  refreshToken: string | undefined;
}
