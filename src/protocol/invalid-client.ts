import { OAuthError } from './oauth-error.js';

/**
 * Client authentication that is refused. The caller gets one text for every cause, so that client ids cannot be found
 * out (RFC 6749 5.2); the explanation is for the audit and the log alone.
 */
export class InvalidClient extends OAuthError {
  constructor(
    readonly explanation: string,
    /** Whether the presented id belongs to a client. */
    readonly registered = false,
  ) {
    super('invalid_client', 401, 'client authentication failed');
  }
}

/** A secret or signature that did not fit: the only failure that is counted. */
export class WrongCredential extends InvalidClient {}
