import type { IncomingHttpHeaders } from 'node:http';
import { Problem, stale } from '../../../protocol/problem.js';
import { namesTag } from '../answer/entity-tags.js';
import { etagOf } from './meta.js';

/**
 * Throws 412 if the request requires another version than the current one (RFC 9110 13.1); null: it does not exist.
 */
export function refuseStale(headers: IncomingHttpHeaders, version: number | null): void {
  const match = headers['if-match'];
  if (match !== undefined && !names(match, version)) throw stale();
  const noneMatch = headers['if-none-match'];
  if (noneMatch !== undefined && names(noneMatch, version)) {
    throw new Problem(412, 'Precondition Failed', 'a resource that matches If-None-Match already exists');
  }
}

const names = (tags: string, version: number | null): boolean =>
  version !== null && namesTag(tags, etagOf(version));
