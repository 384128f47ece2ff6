import { maskedInAscii } from '../../packages/protocol/src/masked.js';

/** Rejects a protected request with an error of RFC 6750 3.1; the HTTP layer adds the challenge. */
export class BearerError extends Error {
  readonly description: string;
  /** The missing items, for the `scope` of the challenge. */
  readonly scope: string | undefined;
  /** Where the metadata of the resource is (RFC 9728 5.1). */
  readonly resourceMetadata: string | undefined;

  constructor(
    /** Absent when the request carried no credentials at all (RFC 6750 3.1, last paragraph). */
    readonly code: 'invalid_request' | 'invalid_token' | 'insufficient_scope' | undefined,
    readonly status: 400 | 401 | 403,
    description: string,
    scope?: string,
    resourceMetadata?: string,
    /** Why, for the audit only, where the caller must not learn it. */
    readonly explanation?: string,
  ) {
    super(shortened(maskedInAscii(description)));
    this.description = this.message;
    this.scope = scope && maskedInAscii(scope);
    this.resourceMetadata = resourceMetadata;
  }

  /** The same error for a request that needs these items of a resource; the missing items stay. */
  at(items: readonly string[], resourceMetadata: string | undefined): BearerError {
    const scope = this.scope ?? (items.length > 0 ? challengeScope(items) : undefined);
    return new BearerError(
      this.code,
      this.status,
      this.description,
      scope,
      resourceMetadata,
      this.explanation,
    );
  }
}

/** Beside the description this leaves room in the 4 KiB of headers that nginx reads from an upstream. */
const MAX_SCOPE_CHARACTERS = 1024;

/** As many items as fit, and one at least: with these a caller gets further than with a part of one. */
export function challengeScope([first = '', ...others]: readonly string[]): string {
  let scope = first;
  for (const item of others) {
    if (scope.length + 1 + item.length > MAX_SCOPE_CHARACTERS) break;
    scope = `${scope} ${item}`;
  }
  return scope;
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

/** Lists every missing item, since a caller requests a new token for all of them. */
export const insufficientScopes = (missing: readonly string[]) =>
  new BearerError(
    'insufficient_scope',
    403,
    `the caller lacks ${missing.join(' ')}`,
    challengeScope(missing),
  );

/** A refusal that depends on a document that the caller may not read, so it reveals nothing of it. */
export const refusedUnseen = ({ description }: BearerError, permission: string) =>
  new BearerError(
    'insufficient_scope',
    403,
    `the write gives or takes away permissions that the caller does not have; with ${permission} the response names them`,
    undefined,
    undefined,
    description,
  );

/** `permission`: the missing one, if any. */
export const forbidden = (description: string, permission?: string) =>
  new BearerError('insufficient_scope', 403, description, permission);
