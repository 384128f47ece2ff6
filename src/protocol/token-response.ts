/** A successful answer of a token endpoint (RFC 6749 5.1), with the refused items that Authing's clients read. */
export interface TokenResponse {
  access_token: string;
  token_type: 'Bearer';
  expires_in: number;
  scope?: string;
  refresh_token?: string;
  rejected_scope?: string;
}
