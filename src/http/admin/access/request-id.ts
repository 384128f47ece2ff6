import type { FastifyReply, FastifyRequest } from 'fastify';

export const DECISION_POINT_PATH = '/access/v1';

const REQUEST_ID = /^[\x21-\x7E]{1,255}$/;

/** AuthZEN 10.1.3: the id that the caller gave its request, if it is one. */
export function echoRequestId({ headers }: FastifyRequest, reply: FastifyReply): void {
  const id = headers['x-request-id'];
  if (typeof id === 'string' && REQUEST_ID.test(id)) reply.header('x-request-id', id);
}
