import { expressjwt } from 'express-jwt';
import jwks from 'jwks-rsa';
import { insufficientScope, keysUnavailable } from './api-error.js';

/** Lets a request through when it carries a token of this issuer for this API, and puts its claims in `request.auth`. */
export function requireToken({ jwksUri, issuer, audience }) {
  const secret = jwks.expressJwtSecret({
    jwksUri,
    // A new key is asked for when a token names it, but no caller can make this API ask all the time.
    cache: true,
    rateLimit: true,
    jwksRequestsPerMinute: 5,
    handleSigningKeyError: tellSigningKeyError,
  });
  return expressjwt({ secret, issuer, audience, algorithms: ['RS256'] });
}

/** An unknown key is the caller's fault, and express-jwt refuses the token for it; keys that cannot be had are ours. */
function tellSigningKeyError(error, done) {
  done(error.name === 'SigningKeyNotFoundError' ? null : keysUnavailable(error));
}

/** A scope is a list separated by spaces: searching for a piece of text in it would find `read` in `thread`. */
export function requireScope(scope) {
  return (request, _response, next) => {
    const granted = request.auth.scope?.split(' ') ?? [];
    next(granted.includes(scope) ? undefined : insufficientScope(scope));
  };
}
