import { OAuthError } from './oauth-error.js';

/**
 * Failed client authentication. The caller gets the same text for every cause, so that client ids cannot be enumerated
 * (RFC 6749 5.2); the explanation is only for the audit and the log.
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

/** A wrong secret or signature: the only failure that is counted. */
export class WrongCredential extends InvalidClient {}
