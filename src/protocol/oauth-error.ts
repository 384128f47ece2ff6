import { maskedAll, maskedInAscii } from '../../packages/protocol/src/masked.js';

/**
 * Codes of RFC 6749 4.1.2.1 and 5.2, RFC 6750 3.1 and RFC 8707 2; `access_denied` is used by Auth0's token endpoint, and
 * `too_many_requests` for 429, for which OAuth has no code.
 */
export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'unsupported_response_type'
  | 'invalid_scope'
  | 'invalid_target'
  | 'access_denied'
  | 'too_many_requests'
  | 'server_error'
  | 'temporarily_unavailable';

/** A response in the form of RFC 6749 5.2; domain modules throw it, the filter of the OAuth endpoints writes it. */
export class OAuthError extends Error {
  readonly description: string;
  /** Further members of the body, such as `rejected_scope`. */
  readonly members: Readonly<Record<string, string>>;

  constructor(
    readonly code: OAuthErrorCode,
    readonly status: number,
    description: string,
    members: Readonly<Record<string, string>> = {},
    /** Further headers of the response, such as Retry-After. */
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(`${code}: ${maskedInAscii(description)}`);
    this.description = maskedInAscii(description);
    this.members = maskedAll(members, maskedInAscii) as Record<string, string>;
  }

  /** The same error with further headers. */
  with(headers: Readonly<Record<string, string>>): OAuthError {
    return new OAuthError(this.code, this.status, this.description, this.members, {
      ...this.headers,
      ...headers,
    });
  }
}

export const invalidRequest = (description: string, status = 400) =>
  new OAuthError('invalid_request', status, description);

export const invalidGrant = (description: string) => new OAuthError('invalid_grant', 400, description);

export const unauthorizedClient = (description: string) =>
  new OAuthError('unauthorized_client', 400, description);

export const unsupportedGrantType = () =>
  new OAuthError('unsupported_grant_type', 400, 'this grant_type is not supported');

export const unsupportedResponseType = (description: string) =>
  new OAuthError('unsupported_response_type', 400, description);

export const invalidScope = (description: string, members: Record<string, string> = {}) =>
  new OAuthError('invalid_scope', 400, description, members);

export const invalidTarget = (description: string) => new OAuthError('invalid_target', 400, description);

export const accessDenied = (description: string) => new OAuthError('access_denied', 403, description);
