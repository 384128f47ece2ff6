import type { IncomingHttpHeaders } from 'node:http';
import { Problem, stale, unreadable } from '../../../protocol/problem.js';
import { etagOf } from './meta.js';

/** Throws 412 when the request is meant for another version than the one there is (RFC 9110 13.1); null: none is. */
export function refuseStale(headers: IncomingHttpHeaders, version: number | null): void {
  const match = headers['if-match'];
  if (match !== undefined && !names(match, version)) throw stale();
  const noneMatch = headers['if-none-match'];
  if (noneMatch !== undefined && names(noneMatch, version)) {
    throw new Problem(412, 'Precondition Failed', 'there is a resource already that If-None-Match names');
  }
}

/** A read is refused alike, and where there is no version to compare (RFC 9110 13.1.1). It is always answered whole. */
export function refuseStaleRead({ 'if-match': match }: IncomingHttpHeaders, etag: string | undefined): void {
  if (match === undefined) return;
  if (etag === undefined) throw unreadable('the header if-match is not supported here; leave it out');
  if (!namesTag(match, etag)) throw stale();
}

/** Weak tags count too: some clients write back no other. */
const names = (tags: string, version: number | null): boolean =>
  version !== null && namesTag(tags, etagOf(version));

function namesTag(tags: string, etag: string): boolean {
  if (tags.trim() === '*') return true;
  return tags.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}
