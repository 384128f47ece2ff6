import type { IncomingHttpHeaders } from 'node:http';
import { stale, unreadable } from '../../../protocol/problem.js';

/** Throws 412 when a read is meant for another version, 400 where there is none to compare (RFC 9110 13.1.1). It is always answered whole. */
export function refuseStaleRead({ 'if-match': match }: IncomingHttpHeaders, etag: string | undefined): void {
  if (match === undefined) return;
  if (etag === undefined) throw unreadable('the header if-match is not supported here; omit it');
  if (!namesTag(match, etag)) throw stale();
}

/** Weak tags count too: some clients write back no other. */
export function namesTag(tags: string, etag: string): boolean {
  if (tags.trim() === '*') return true;
  return tags.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}
