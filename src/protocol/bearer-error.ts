import { maskedInAscii } from '../../packages/protocol/src/masked.js';

/** Rejects a protected request with an error of RFC 6750 3.1; the HTTP layer adds the challenge. */
export class BearerError extends Error {
  readonly description: string;
  /** The missing permission, for the `scope` of the challenge. */
  readonly scope: string | undefined;

  constructor(
    /** Absent when the request carried no credentials at all (RFC 6750 3.1, last paragraph). */
    readonly code: 'invalid_request' | 'invalid_token' | 'insufficient_scope' | undefined,
    readonly status: 400 | 401 | 403,
    description: string,
    scope?: string,
  ) {
    super(shortened(maskedInAscii(description)));
    this.description = this.message;
    this.scope = scope && maskedInAscii(scope);
  }
}

/** A header line of 8 KiB is more than many readers accept, and a longer description helps no reader. */
const MAX_DESCRIPTION_CHARACTERS = 500;

function shortened(description: string): string {
  const rest = description.length - MAX_DESCRIPTION_CHARACTERS;
  return rest <= 0
    ? description
    : `${description.slice(0, MAX_DESCRIPTION_CHARACTERS)}... (and ${rest} more characters)`;
}

export const tokenRequired = () => new BearerError(undefined, 401, 'an access token is required');

export const credentialsRequired = () =>
  new BearerError(
    undefined,
    401,
    'an access token is required, or Basic if the client has the grant type basic',
  );

export const invalidToken = () =>
  new BearerError(
    'invalid_token',
    401,
    'the access token is unknown, expired, closed or not issued for this server',
  );

export const insufficientScope = (permission: string) =>
  new BearerError('insufficient_scope', 403, `the caller lacks ${permission}`, permission);

/** `permission`: the missing one, if any. */
export const forbidden = (description: string, permission?: string) =>
  new BearerError('insufficient_scope', 403, description, permission);
