import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { OAuthError } from '../protocol/oauth-error.js';
import { frameworkFault } from './fallback.filter.js';
import { isRefused } from './framing.js';
import type { RouteTable } from './route-table.js';

/** Long enough for the other side to read the answer; a reset could overtake it. */
const LINGER_MILLISECONDS = 1000;

/** Bytes that are not HTTP never become a request: the answer is written on the socket. */
export function answerUnreadable(socket: Duplex, code: string | undefined): void {
  if (isRefused(socket)) return;
  if (!socket.writable || code === 'ECONNRESET') socket.destroy();
  else socket.end(answerOf(frameworkFault(code === 'HPE_HEADER_OVERFLOW' ? 431 : 400)));
}

/** CONNECT is no request either: Node hands over the bare socket, which nobody else ends (RFC 9110 9.3.6, 15.5.6). */
export function refuseTunnel({ url = '' }: IncomingMessage, socket: Duplex, routes: RouteTable): void {
  const here = routes.methodsAt(url.split('?', 1)[0] as string);
  const allow = here.length > 0 ? here : routes.methods();
  const linger = setTimeout(() => socket.destroy(), LINGER_MILLISECONDS);
  socket.on('error', () => socket.destroy()).on('close', () => clearTimeout(linger));
  socket.resume().end(answerOf(frameworkFault(405), `Allow: ${allow.join(', ')}\r\n`));
}

function answerOf({ status, code: error, description }: OAuthError, headers = ''): string {
  const body = JSON.stringify({ error, error_description: description });
  return (
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headers}` +
    'Content-Type: application/json; charset=utf-8\r\nCache-Control: no-store\r\nConnection: close\r\n' +
    `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  );
}
