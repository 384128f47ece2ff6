/** A refusal in the words of RFC 6750 3.1. */
export class BearerError extends Error {
  constructor(
    readonly status: 401 | 403,
    readonly code: 'token_required' | 'invalid_token' | 'insufficient_scope',
    readonly description: string,
    /** What follows the realm in the challenge. */
    readonly challenge: string,
  ) {
    super(description);
  }
}

/** RFC 6750 3.1: whoever has presented nothing is told nothing more. */
export const tokenRequired = () => new BearerError(401, 'token_required', 'this needs an access token', '');

export const invalidToken = () =>
  new BearerError(
    401,
    'invalid_token',
    'the access token is malformed, expired or not meant for this API',
    ', error="invalid_token"',
  );

export const insufficientScope = (scope: string) =>
  new BearerError(
    403,
    'insufficient_scope',
    `this needs the scope ${scope}`,
    `, error="insufficient_scope", scope="${scope}"`,
  );
