import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../../../tokens/permissions.js';

/** A request at the administrator's door; the guard fills in who is calling. */
export interface AdminRequest extends FastifyRequest {
  caller?: Caller;
}

/** Who is calling; only behind the guard. */
export const AuthenticatedCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const { caller } = context.switchToHttp().getRequest<AdminRequest>();
  if (!caller) throw new Error('a route of the administrator has no guard');
  return caller;
});
