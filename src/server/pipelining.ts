import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** At this limit the connection is not read until responses have been sent. */
const MAX_WAITING_REQUESTS = 32;

const WAITING = Symbol('requests that wait for the response to the one before them');

/** A connection; `WAITING` is absent while it has no open request. */
type Connection = Socket & { [WAITING]?: (() => void)[] | undefined };

/**
 * Serves the requests of a connection one after another (RFC 9112 9.3.2), so that a pipelining client has the weight
 * of one connection, not of hundreds. Node would dispatch every request of a packet at once.
 */
export function serveInTurn(
  { raw: { socket } }: FastifyRequest,
  { raw: response }: FastifyReply,
  proceed: () => void,
): void {
  const connection: Connection = socket;
  const waiting = connection[WAITING];
  response.on('close', serveNext);
  if (!waiting) {
    connection[WAITING] = [];
    proceed();
    return;
  }
  waiting.push(proceed);
  if (waiting.length >= MAX_WAITING_REQUESTS) socket.pause();
}

/** A shared listener: a closure would be allocated for each request. */
function serveNext(this: ServerResponse): void {
  const connection: Connection = this.req.socket;
  const waiting = connection[WAITING];
  const next = waiting?.shift();
  if (!waiting || !next || !connection.writable) {
    connection[WAITING] = undefined;
    return;
  }
  if (waiting.length < MAX_WAITING_REQUESTS) connection.resume();
  next();
}
