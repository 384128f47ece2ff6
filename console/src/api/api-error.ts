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

export const unreachable = (): ApiError =>
  new ApiError(0, 'The server does not answer', 'The console asks again by itself until the server is back.');

/** A problem document (RFC 9457) or an OAuth error (RFC 6749 5.2). */
export function errorOf(status: number, body: unknown): ApiError {
  const { title, detail, errors, error, error_description } = (
    typeof body === 'object' && body !== null ? body : {}
  ) as Record<string, unknown>;
  const name = String(title ?? error ?? `Status ${status}`);
  return new ApiError(status, name, String(detail ?? error_description ?? ''), faultsIn(errors));
}

const faultsIn = (errors: unknown): MemberFault[] => (Array.isArray(errors) ? (errors as MemberFault[]) : []);
