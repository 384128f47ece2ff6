import { isObject, type JsonObject } from '../../../administration/documents/merge-patch.js';
import type { Fault } from '../../../protocol/problem.js';

const MAX_LIMIT = 1000;

/** The part of the results that a search asks for (AuthZEN 8.2). */
export interface Page {
  limit: number;
  /** The last result of the page before. */
  after: string | undefined;
}

export function readPage({ page }: JsonObject, faults: Fault[]): Page {
  if (page === undefined) return { limit: MAX_LIMIT, after: undefined };
  if (!isObject(page)) faults.push({ path: 'page', message: 'must be an object' });
  const { limit = MAX_LIMIT, token = '' } = isObject(page) ? page : {};
  if (!Number.isInteger(limit) || (limit as number) < 1 || (limit as number) > MAX_LIMIT) {
    faults.push({ path: 'page.limit', message: `must be a whole number from 1 to ${MAX_LIMIT}` });
  }
  const after = typeof token === 'string' ? Buffer.from(token, 'base64url').toString() : '';
  if (tokenOf(after) !== token)
    faults.push({ path: 'page.token', message: 'must be the next_token of a response' });
  return { limit: limit as number, after: after === '' ? undefined : after };
}

/** `found` in order; the token of the next page is empty at the end. */
export function paged(
  found: readonly string[],
  { limit, after }: Page,
): { results: string[]; nextToken: string } {
  const rest = after === undefined ? found : found.filter((one) => one > after);
  const results = rest.slice(0, limit);
  return { results, nextToken: rest.length > limit ? tokenOf(results.at(-1) as string) : '' };
}

const tokenOf = (last: string): string => Buffer.from(last).toString('base64url');
