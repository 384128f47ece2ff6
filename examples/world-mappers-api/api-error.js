const REALM = 'Bearer realm="world-mappers"';

class ApiError extends Error {
  constructor(status, code, description, { headers = {}, cause } = {}) {
    super(description, { cause });
    Object.assign(this, { status, code, description, headers });
  }
}

/** RFC 6750 3: the challenge says what was wrong, except to a caller who has presented nothing. */
const challenge = (members = '') => ({ headers: { 'WWW-Authenticate': REALM + members } });

export const insufficientScope = (scope) =>
  new ApiError(
    403,
    'insufficient_scope',
    `this needs the scope ${scope}`,
    challenge(`, error="insufficient_scope", scope="${scope}"`),
  );

export const keysUnavailable = (cause) =>
  new ApiError(503, 'temporarily_unavailable', 'tokens cannot be verified at the moment', {
    headers: { 'Retry-After': '5' },
    cause,
  });

const tokenRequired = () => new ApiError(401, 'token_required', 'this needs an access token', challenge());

const invalidToken = () =>
  new ApiError(
    401,
    'invalid_token',
    'the access token is malformed, expired or not meant for this API',
    challenge(', error="invalid_token"'),
  );

const NOTHING_PRESENTED = ['credentials_required', 'credentials_bad_scheme'];

function told(error) {
  if (error instanceof ApiError) return error;
  if (error.name === 'UnauthorizedError') {
    return NOTHING_PRESENTED.includes(error.code) ? tokenRequired() : invalidToken();
  }
  return new ApiError(500, 'server_error', 'the request could not be answered', { cause: error });
}

export function nothingHere(_request, _response, next) {
  next(new ApiError(404, 'not_found', 'no resource exists at this path'));
}

/** Express tells an error handler by its four parameters. */
export function answerApiError(error, _request, response, _next) {
  const { status, code, description, headers, cause } = told(error);
  if (cause) console.error(cause);
  response.status(status).set(headers).json({ error: code, error_description: description });
}
