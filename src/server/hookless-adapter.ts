import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';

/**
 * Nest's adapter puts seven hooks around every request: for middleware, CORS, CSRF, versions and hooks of its own, of
 * which there is nothing here. They are not set: asking for them is a thirtieth of an introspection.
 */
export function hooklessAdapter(fastify: FastifyInstance): FastifyAdapter {
  const hookless: object = Object.create(fastify, {
    addHook: { value: () => hookless },
    skipMiddie: { value: true },
  });
  const adapter = new FastifyAdapter(hookless as FastifyInstance);
  adapter.setInstance(fastify);
  return adapter;
}
