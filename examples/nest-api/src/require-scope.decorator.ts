import { applyDecorators, SetMetadata, UseFilters, UseGuards } from '@nestjs/common';
import { AccessTokenGuard, REQUIRED_SCOPE } from './access-token.guard.js';
import { BearerErrorFilter } from './bearer-error.filter.js';

/** Opens a route to tokens that carry this scope, and to no others. */
export const RequireScope = (scope: string) =>
  applyDecorators(
    SetMetadata(REQUIRED_SCOPE, scope),
    UseGuards(AccessTokenGuard),
    UseFilters(BearerErrorFilter),
  );
