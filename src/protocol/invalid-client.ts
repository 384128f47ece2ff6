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
    description = 'client authentication failed',
  ) {
    super('invalid_client', 401, description);
  }
}

/** A verified assertion that fits several clients: its holder has proved itself, so it may learn what is missing. */
export class AmbiguousClient extends InvalidClient {
  constructor() {
    const description = 'the assertion may authenticate several clients: send client_id';
    super('assertion: it fits several clients, and the request has no client_id', false, description);
  }
}

/** A wrong secret or signature: the only failure that is counted. */
export class WrongCredential extends InvalidClient {}
