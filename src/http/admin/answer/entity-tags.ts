import type { IncomingHttpHeaders } from 'node:http';
import { namesTag } from '../../../administration/configuration/entity-tag.js';
import { stale, unreadable } from '../../../protocol/problem.js';

const CONDITIONS = ['if-match', 'if-none-match'] as const;

/**
 * Throws 412 if a read requires another version, 400 if there is no version to compare (RFC 9110 13.1.1). Reads
 * always return the whole document.
 */
export function assertCurrentRead(headers: IncomingHttpHeaders, etag: string | undefined): void {
  const { 'if-match': match } = headers;
  const name = CONDITIONS.find((one) => headers[one] !== undefined);
  if (name !== undefined && etag === undefined)
    throw unreadable(`the header ${name} is not supported here; omit it`);
  if (match !== undefined && etag !== undefined && !namesTag(match, etag)) throw stale(match);
}

/** Whether the caller has this version already: 304 (RFC 9110 13.1.2). */
export const hasVersion = (
  { 'if-none-match': noneMatch }: IncomingHttpHeaders,
  etag: string | undefined,
): boolean => noneMatch !== undefined && etag !== undefined && namesTag(noneMatch, etag);
