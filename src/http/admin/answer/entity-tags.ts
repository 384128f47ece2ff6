import type { IncomingHttpHeaders } from 'node:http';
import { namesTag } from '../../../administration/configuration/entity-tag.js';
import { stale, unreadable } from '../../../protocol/problem.js';

/**
 * Throws 412 if a read requires another version, 400 if there is no version to compare (RFC 9110 13.1.1). Reads
 * always return the whole document.
 */
export function assertCurrentRead(
  { 'if-match': match }: IncomingHttpHeaders,
  etag: string | undefined,
): void {
  if (match === undefined) return;
  if (etag === undefined) throw unreadable('the header if-match is not supported here; omit it');
  if (!namesTag(match, etag)) throw stale(match);
}
