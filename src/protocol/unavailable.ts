/** The database, or a bounded queue before it, is unavailable; every endpoint responds 503 with Retry-After. */
export class TemporarilyUnavailable extends Error {
  readonly retryAfterSeconds = 1;

  constructor(cause?: unknown, message = 'the server is temporarily unavailable') {
    super(message, { cause });
  }
}
