export interface MemberFault {
  path?: string;
  message: string;
}

/** A response that is no success, in the server's own words; status 0 is no response at all. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    detail: string,
    readonly faults: readonly MemberFault[] = [],
  ) {
    super(detail);
  }

  /** How long the server worked on it. */
  tookMs = 0;

  get isUnreachable(): boolean {
    return this.status === 0;
  }

  /** RFC 9110 15.5.13: the document has another version than the one that was edited. */
  get isStale(): boolean {
    return this.status === 412;
  }
}

/** `repeats`: whether the request is sent again without a click. */
export const unreachable = (repeats: boolean): ApiError =>
  new ApiError(
    0,
    'The server does not answer',
    repeats
      ? 'The console asks again by itself until the server is back.'
      : 'Send it again once the server is back. Whether a change was made is seen then.',
  );

/** A problem document (RFC 9457) or an OAuth error (RFC 6749 5.2). */
export function errorOf(status: number, body: unknown): ApiError {
  const { title, detail, errors, error, error_description } = (
    typeof body === 'object' && body !== null ? body : {}
  ) as Record<string, unknown>;
  const name = String(title ?? error ?? `Status ${status}`);
  return new ApiError(status, name, String(detail ?? error_description ?? ''), faultsIn(errors));
}

const faultsIn = (errors: unknown): MemberFault[] => (Array.isArray(errors) ? (errors as MemberFault[]) : []);
