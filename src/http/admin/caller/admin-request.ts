import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../../../administration/access/permissions.js';

/** A request to the administration API; AdminEntrance sets the caller. */
export interface AdminRequest extends FastifyRequest {
  caller?: Caller;
}

export function callerOf({ caller }: AdminRequest): Caller {
  if (!caller) throw new Error('the route is not protected by AdminEntrance');
  return caller;
}

/** The authenticated caller; set only behind AdminEntrance. */
export const AuthenticatedCaller = createParamDecorator(
  (_: unknown, context: ExecutionContext): Caller => callerOf(context.switchToHttp().getRequest()),
);
