import { OAuthError } from './oauth-error.js';

/**
 * An assertion that is no valid grant (RFC 7521 4.1.1). The caller gets the same text for every cause; the explanation is
 * only for the audit and the log.
 */
export class RefusedAssertion extends OAuthError {
  constructor(readonly explanation: string) {
    super('invalid_grant', 400, 'the assertion is not accepted');
  }
}
