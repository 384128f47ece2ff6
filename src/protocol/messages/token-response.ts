/** A successful token response (RFC 6749 5.1), with the rejected items that Authing's clients read. */
export interface TokenResponse {
  access_token: string;
  token_type: 'Bearer';
  expires_in: number;
  scope?: string;
  refresh_token?: string;
  rejected_scope?: string;
}
