import { printable } from '../../../src/protocol/error-description.js';

export type RefusalCode =
  | 'invalid_request'
  | 'invalid_token'
  | 'insufficient_scope'
  | 'temporarily_unavailable';

/** An answer that refuses a request: what every adapter writes. */
export interface RefusalAnswer {
  status: number;
  headers: Record<string, string>;
  body: { error: RefusalCode; error_description: string };
}

/** Why a request is refused, in the words of RFC 6750 3.1; 503 when nobody could be asked. */
export class Refusal extends Error {
  constructor(
    /** Absent when the request carried no token at all (RFC 6750 3.1, last paragraph). */
    readonly code: RefusalCode | undefined,
    readonly status: 400 | 401 | 403 | 503,
    readonly description: string,
    /** The items that the request needs, for the challenge. */
    readonly scope?: string,
    /** For the API's own log: what was found, and the error behind it; the caller is told neither. */
    { finding = description, cause }: { finding?: string; cause?: unknown } = {},
  ) {
    super(finding, { cause });
    this.name = 'Refusal';
  }

  /** The answer with the challenge of RFC 6750 3; the body repeats it for people who read bodies. */
  answer(realm: string): RefusalAnswer {
    const { code = 'invalid_request', status, description } = this;
    const told = status === 503 ? { 'retry-after': '1' } : { 'www-authenticate': this.challenge(realm) };
    return {
      status,
      headers: { ...told, 'cache-control': 'no-store' },
      body: { error: code, error_description: description },
    };
  }

  private challenge(realm: string): string {
    const attributes: [string, string | undefined][] = [
      ['realm', realm],
      ['error', this.code],
      ['error_description', this.code && this.description],
      ['scope', this.scope],
    ];
    const written = attributes.flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}="${value.replace(OUTSIDE_QUOTED, '?')}"`],
    );
    return `Bearer ${written.join(', ')}`;
  }
}

/** An item may come from the request's path: nothing of it may end the quoted string or the header. */
const OUTSIDE_QUOTED = /[^\x20\x21\x23-\x5B\x5D-\x7E]/gu;

export const tokenRequired = () => new Refusal(undefined, 401, 'an access token is required');

export const severalTokens = () =>
  new Refusal('invalid_request', 400, 'the request carries more than one access token');

export const invalidToken = (description = 'the access token is not valid', cause?: unknown) =>
  new Refusal('invalid_token', 401, description, undefined, { cause });

export const insufficientScope = (asked: readonly string[], missing: readonly string[]) =>
  new Refusal(
    'insufficient_scope',
    403,
    `the access token lacks the scope ${printable(missing.join(' '))}`,
    asked.join(' '),
  );

/** Whoever vouches for tokens did not answer as it should: without its word nobody is let in. */
export const unavailable = (finding: string, cause?: unknown) =>
  new Refusal('temporarily_unavailable', 503, 'access tokens cannot be verified at the moment', undefined, {
    finding,
    cause,
  });
