import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Beyond this the connection is not read until answers have left. */
const MAX_WAITING_REQUESTS = 32;

/** The requests of one connection that wait for the answer before theirs. */
type Line = (() => void)[];

const lines = new WeakMap<Socket, Line>();

/**
 * Serves the requests of a connection one after another (RFC 9112 9.3.2), so that a client that pipelines takes the
 * turns of one connection, not of hundreds. Node would hand over every request of a packet at once.
 */
export function serveInTurn(
  { raw: { socket } }: FastifyRequest,
  { raw: response }: FastifyReply,
  proceed: () => void,
): void {
  const line = lines.get(socket);
  if (line) {
    line.push(proceed);
    if (line.length >= MAX_WAITING_REQUESTS) socket.pause();
  } else {
    lines.set(socket, []);
  }
  response.once('close', () => serveNext(socket));
  if (!line) proceed();
}

function serveNext(socket: Socket): void {
  const line = lines.get(socket);
  const next = line?.shift();
  if (!line || !next || !socket.writable) {
    lines.delete(socket);
    return;
  }
  if (line.length < MAX_WAITING_REQUESTS) socket.resume();
  next();
}
