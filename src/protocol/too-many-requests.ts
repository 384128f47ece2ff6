import { OAuthError } from './oauth-error.js';

/** A limit is reached: every door answers 429 with Retry-After (RFC 6585 4). */
export class TooManyRequests extends OAuthError {
  constructor(
    /** Which limit it was. */
    readonly limit: 'failures' | 'token_quota',
    description: string,
    readonly retryAfterSeconds: number,
    /** Further headers of the answer. */
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super('too_many_requests', 429, description);
  }
}
