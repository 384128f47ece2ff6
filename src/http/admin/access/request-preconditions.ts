import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { Preconditions } from '../../../administration/configuration/preconditions.js';
import type { AdminRequest } from '../caller/admin-request.js';

export const RequestPreconditions = createParamDecorator(
  (_: unknown, context: ExecutionContext): Preconditions =>
    new Preconditions(context.switchToHttp().getRequest<AdminRequest>().headers),
);
