// Type-only import: module augmentation needs the module to be referenced.
import type {} from 'fastify';
import type { Auth } from './auth.js';
import type { HttpRequest } from './bearer-token.js';
import type { Guard } from './guard.js';
import { type Requirement, readRequirements } from './required-scope.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The verified token, once a guard has accepted the request. */
    auth?: Auth;
  }
}

/** The reply of Fastify. */
export interface HttpReply {
  code(status: number): unknown;
  headers(fields: Record<string, string>): unknown;
  send(body: object): unknown;
}

export type Hook<Request> = (request: Request, reply: HttpReply) => Promise<unknown>;

export interface FastifyGuard {
  /** An `onRequest` or `preHandler` hook that requires a token with all of these items. */
  requireScope(...required: string[]): Hook<HttpRequest>;
  requireScope<Request extends HttpRequest>(...required: Requirement<Request>[]): Hook<Request>;
  /** Requires a valid token, with any scope. */
  requireToken(): Hook<HttpRequest>;
}

export function fastifyGuard(guard: Guard): FastifyGuard {
  const hook =
    <Request extends HttpRequest>(itemsFor: (request: Request) => string[]): Hook<Request> =>
    async (request: Request & { auth?: Auth }, reply) => {
      const { auth, refused } = await guard.check(request, itemsFor(request));
      if (auth) {
        request.auth = auth;
        return undefined;
      }
      reply.code(refused.status);
      reply.headers(refused.headers);
      reply.send(refused.body);
      // Fastify stops when an asynchronous hook returns the reply that was sent.
      return reply;
    };
  return {
    requireScope: <Request extends HttpRequest>(...required: Requirement<Request>[]) =>
      hook(readRequirements(required)),
    requireToken: () => hook(() => []),
  };
}
