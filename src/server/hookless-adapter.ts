import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';

/**
 * Nest's adapter puts seven hooks around every request: for middleware, CORS, CSRF, versions and hooks of its own, of
 * which there is nothing here. They are not set: asking for them is a thirtieth of an introspection.
 */
export function quietAdapter(fastify: FastifyInstance): FastifyAdapter {
  const deaf: object = Object.create(fastify, {
    addHook: { value: () => deaf },
    skipMiddie: { value: true },
  });
  const adapter = new FastifyAdapter(deaf as FastifyInstance);
  adapter.setInstance(fastify);
  return adapter;
}
