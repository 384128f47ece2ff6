import { errorOf, unreachable } from './api-error.ts';
import { currentSession, endSession } from './session.ts';

export interface Call {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Sent as JSON, or as YAML if it is text. */
  body?: unknown;
  /** The tag of the version that a change is based on. */
  ifMatch?: string | undefined;
  /** Only if no such document exists. */
  isNew?: boolean;
  /** Given by queries, which are repeated during an outage. */
  signal?: AbortSignal;
}

export interface Answer<T> {
  body: T;
  etag: string | undefined;
}

const UNAUTHORIZED = 401;

/** One request to this server's API with the token of the session. */
export async function call<T>(
  path: string,
  { method = 'GET', body, ifMatch, isNew, signal }: Call = {},
): Promise<Answer<T>> {
  const began = performance.now();
  const response = await fetch(path, {
    method,
    credentials: 'omit',
    headers: headersOf({ body, ifMatch, isNew }),
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  }).catch((error: unknown) => {
    throw signal?.aborted ? error : unreachable(signal !== undefined);
  });
  const text = await response.text();
  const answer = text === '' ? undefined : parsed(text);
  if (response.ok) return { body: answer as T, etag: response.headers.get('etag') ?? undefined };
  const fault = errorOf(response.status, answer);
  fault.tookMs = performance.now() - began;
  if (response.status === UNAUTHORIZED) endSession(fault.message);
  throw fault;
}

function headersOf({
  body,
  ifMatch,
  isNew,
}: Pick<Call, 'body' | 'ifMatch'> & { isNew: boolean | undefined }): Record<string, string> {
  const headers: Record<string, string> = { authorization: `Bearer ${currentSession()?.token ?? ''}` };
  if (body !== undefined)
    headers['content-type'] = typeof body === 'string' ? 'text/yaml' : 'application/json';
  if (ifMatch !== undefined) headers['if-match'] = ifMatch;
  if (isNew === true) headers['if-none-match'] = '*';
  return headers;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The path of a search, without empty parameters. */
export function searchPath(type: string, parameters: Record<string, string | number | undefined>): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== '');
  const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return query === '' ? `/${type}` : `/${type}?${query}`;
}

export const documentPath = (type: string, id: string): string => `/${type}/${encodeURIComponent(id)}`;
