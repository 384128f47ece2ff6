import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendFault } from '../http/fallback.filter.js';
import { isRepeated } from '../http/request/repeated-header.js';
import { invalidRequest } from '../protocol/oauth-error.js';

/** RFC 9110 7.2 and RFC 3986 3.2.2: a name, an address or an IP literal, and an optional port. */
const HOST = /^(?:\[[\dA-Fa-f:.]+\]|(?:[\w.~!$&'()*+,;=-]|%[\dA-Fa-f]{2})*)(?::\d*)?$/;

/** Rejects a request that two HTTP parsers could read as two different ones, and stops reading its connection. */
export function rejectAmbiguousFraming(
  { raw }: FastifyRequest,
  reply: FastifyReply,
  proceed: () => void,
): void {
  const fault = faultOf(raw);
  if (fault === undefined) {
    proceed();
    return;
  }
  refused.add(raw.socket);
  sendFault(reply.header('connection', 'close'), invalidRequest(fault));
}

const refused = new WeakSet<Duplex>();

/** Whether the connection closes after a response already being sent, so that nothing may follow it. */
export const isRefused = (socket: Duplex): boolean => refused.has(socket);

type Head = Pick<IncomingMessage, 'httpVersion' | 'headers' | 'rawHeaders'>;

/** What is wrong with the head of a request; allocates nothing for a valid one. */
export function faultOf(request: Head): string | undefined {
  const { httpVersion: version, headers } = request;
  // RFC 9110 2.5: the semantics of other major versions are unknown.
  if (version !== '1.1' && version !== '1.0') return 'only HTTP/1.1 and HTTP/1.0 are supported';
  const { host, 'transfer-encoding': coding } = headers;
  // RFC 9112 3.2.
  if (host === undefined ? version === '1.1' : !HOST.test(host))
    return 'the request has no valid Host header';
  if (isRepeated(request, 'host')) return 'the request has more than one Host header';
  // RFC 9112 6.1: codings that are not decoded here, and chunked bodies that an HTTP/1.0 proxy would not understand.
  if (coding !== undefined && (version !== '1.1' || coding.toLowerCase() !== 'chunked')) {
    return 'the only supported transfer coding is chunked, in HTTP/1.1';
  }
  return undefined;
}

/** Runs after those hooks whose requests ignore the media type (RFC 9110 5.3, 8.3). */
export function rejectDuplicateContentType(
  { headers, raw }: FastifyRequest,
  reply: FastifyReply,
  proceed: () => void,
): void {
  if (headers['content-type'] === undefined || !isRepeated(raw, 'content-type')) proceed();
  else sendFault(reply, invalidRequest('the request has more than one Content-Type header'));
}
