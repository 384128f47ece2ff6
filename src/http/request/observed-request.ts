import type { FastifyRequest } from 'fastify';

/** A request of which an endpoint notes how it ended, for metrics and the access log. */
export interface ObservedRequest extends FastifyRequest {
  /** A token format, `active` or `inactive`, or the code of an error; never a value of the request. */
  result?: string;
  /** The client of the verified token. */
  clientId?: string;
}
