import { printable } from '../../protocol/src/error-description.js';

export type RefusalCode =
  | 'invalid_request'
  | 'invalid_token'
  | 'insufficient_scope'
  | 'temporarily_unavailable';

/** A response that rejects a request; every adapter writes it. */
export interface RefusalAnswer {
  status: number;
  headers: Record<string, string>;
  body: { error: RefusalCode; error_description: string };
}

/** The members of a challenge besides the cause. */
export interface Challenger {
  realm: string;
  /** Where clients learn how to get a token (RFC 9728 5.1). */
  resourceMetadata: string | undefined;
  /** The items that the request needs, all of them: a client requests a new token for these. */
  scope: string;
}

/** Why a request is rejected, as defined by RFC 6750 3.1; 503 if the server is unavailable. */
export class Refusal extends Error {
  constructor(
    /** Absent when the request carried no token at all (RFC 6750 3.1, last paragraph). */
    readonly code: RefusalCode | undefined,
    readonly status: 400 | 401 | 403 | 503,
    readonly description: string,
    /** For the log of the API: finding and cause, which the caller does not see. */
    { finding = description, cause }: { finding?: string; cause?: unknown } = {},
  ) {
    super(finding, { cause });
    this.name = 'Refusal';
  }

  /** The response with the challenge of RFC 6750 3; the body repeats it for people. */
  answer(challenger: Challenger): RefusalAnswer {
    const { code = 'invalid_request', status, description } = this;
    const specific =
      status === 503 ? { 'retry-after': '1' } : { 'www-authenticate': this.challenge(challenger) };
    return {
      status,
      headers: { ...specific, 'cache-control': 'no-store' },
      body: { error: code, error_description: description },
    };
  }

  private challenge({ realm, resourceMetadata, scope }: Challenger): string {
    const isBadRequest = this.status === 400;
    const attributes: [string, string | undefined][] = [
      ['realm', realm],
      ['error', this.code],
      ['error_description', this.code && this.description],
      ['resource_metadata', isBadRequest ? undefined : resourceMetadata],
      ['scope', isBadRequest ? undefined : scope || undefined],
    ];
    const written = attributes.flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}="${value.replace(OUTSIDE_QUOTED, '?')}"`],
    );
    return `Bearer ${written.join(', ')}`;
  }
}

/** An item may contain text of the request path, which must not end the quoted string or the header. */
const OUTSIDE_QUOTED = /[^\x20\x21\x23-\x5B\x5D-\x7E]/gu;

export const tokenRequired = () => new Refusal(undefined, 401, 'an access token is required');

export const severalTokens = () =>
  new Refusal('invalid_request', 400, 'the request carries more than one access token');

export const invalidToken = (description = 'the access token is not valid', cause?: unknown) =>
  new Refusal('invalid_token', 401, description, { cause });

export const insufficientScope = (missing: readonly string[]) =>
  new Refusal('insufficient_scope', 403, `the access token lacks the scope ${printable(missing.join(' '))}`);

/** The server is unavailable or its response is invalid: fails closed. */
export const unavailable = (finding: string, cause?: unknown) =>
  new Refusal('temporarily_unavailable', 503, 'access tokens cannot be verified at the moment', {
    finding,
    cause,
  });
