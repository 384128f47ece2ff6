import { OAuthError } from './oauth-error.js';

/** A limit is reached: every endpoint responds 429 with Retry-After (RFC 6585 4). */
export class TooManyRequests extends OAuthError {
  constructor(
    description: string,
    readonly retryAfterSeconds: number,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(
      'too_many_requests',
      429,
      description,
      {},
      { 'retry-after': String(retryAfterSeconds), ...headers },
    );
  }

  override with(headers: Readonly<Record<string, string>>): TooManyRequests {
    return new TooManyRequests(this.description, this.retryAfterSeconds, { ...this.headers, ...headers });
  }
}
