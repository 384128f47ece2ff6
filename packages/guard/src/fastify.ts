// Types alone: the compiler looks for a module to add to only where something names it.
import type {} from 'fastify';
import { type Asked, readAsked } from './asked-scope.js';
import type { Auth } from './auth.js';
import type { HttpRequest } from './bearer-token.js';
import type { Guard } from './guard.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, once a guard has let the request in. */
    auth?: Auth;
  }
}

/** What the hook writes to: Fastify's reply. */
export interface HttpReply {
  code(status: number): unknown;
  headers(fields: Record<string, string>): unknown;
  send(body: object): unknown;
}

export type Hook<Request> = (request: Request, reply: HttpReply) => Promise<unknown>;

export interface FastifyGuard {
  /** An `onRequest` or `preHandler` hook that lets a request in whose token holds all of these items. */
  requireScope(...asked: string[]): Hook<HttpRequest>;
  requireScope<Request extends HttpRequest>(...asked: Asked<Request>[]): Hook<Request>;
  /** Lets a request in that has a valid token, whatever its scope. */
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
      // Fastify goes no further once an asynchronous hook returns the reply that was sent.
      return reply;
    };
  return {
    requireScope: <Request extends HttpRequest>(...asked: Asked<Request>[]) => hook(readAsked(asked)),
    requireToken: () => hook(() => []),
  };
}
