import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { documentOf } from '../http/admin/answer/problem-answer.js';
import { frameworkFault, isAdministrators, pathOf, problemOf } from '../http/fallback.filter.js';
import type { RouteTable } from '../http/route-table.js';
import type { OAuthError } from '../protocol/oauth-error.js';
import { isRefused } from './framing.js';

/** Long enough for the peer to read the response; a reset could overtake it. */
const LINGER_MILLISECONDS = 1000;

const STATUS_OF: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** Input that is not HTTP never becomes a request, so the response is written to the socket. */
export function answerUnreadable(socket: Duplex, code: string | undefined, headers: string): void {
  if (isRefused(socket)) return;
  if (!socket.writable || code === 'ECONNRESET') socket.destroy();
  else socket.end(answerOf(frameworkFault(STATUS_OF[code ?? ''] ?? 400), '', headers));
}

/**
 * CONNECT does not become a request either: Node passes the bare socket, and only this code closes it. No path
 * accepts CONNECT, and another host's name is not a path here (RFC 9110 9.3.6, 15.5.5, 15.5.6).
 */
export function rejectConnect(
  { url = '' }: IncomingMessage,
  socket: Duplex,
  routes: RouteTable,
  headers: string,
): void {
  const path = pathOf(url);
  const allow = routes.methodsAt(path);
  const linger = setTimeout(() => socket.destroy(), LINGER_MILLISECONDS);
  socket.on('error', () => socket.destroy()).on('close', () => clearTimeout(linger));
  const answer =
    allow.length === 0
      ? answerOf(frameworkFault(404), path, headers)
      : answerOf(frameworkFault(405), path, `${headers}Allow: ${allow.join(', ')}\r\n`);
  socket.resume().end(answer);
}

/** The media type and the body, in the format of the API that the path belongs to. */
function bodyOf(fault: OAuthError, path: string): [string, string] {
  if (isAdministrators(path)) {
    return ['application/problem+json', JSON.stringify(documentOf(problemOf(fault)))];
  }
  const { code: error, description } = fault;
  return ['application/json', JSON.stringify({ error, error_description: description })];
}

function answerOf(fault: OAuthError, path: string, headers: string): string {
  const { status } = fault;
  const [type, body] = bodyOf(fault, path);
  return (
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headers}` +
    `Content-Type: ${type}; charset=utf-8\r\nCache-Control: no-store\r\nConnection: close\r\n` +
    `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  );
}
