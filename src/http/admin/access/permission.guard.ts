import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { OwnType } from '../../../../packages/protocol/src/own-type.js';
import { ALL } from '../../../../packages/protocol/src/scope-item.js';
import { type AdminOperation, Permits } from '../../../administration/access/permits.js';
import { type AdminRequest, callerOf } from '../caller/admin-request.js';

/** The type that a controller of the administration API serves. */
export const ServedType = Reflector.createDecorator<OwnType>();

/**
 * What a route requires on the resource that its path names with `:id`, or on all of the controller's type. Where the
 * permission depends on the body or on what is stored, the use case checks it instead.
 */
export const RequiresPermission = Reflector.createDecorator<AdminOperation>();

/** Rejects a caller that lacks what the route requires, before the body is parsed: 403 insufficient_scope. */
@Injectable()
export class PermissionGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly permits: Permits,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const operation = this.reflector.get(RequiresPermission, context.getHandler());
    if (operation === undefined) return true;
    const type = this.reflector.get(ServedType, context.getClass());
    const request = context.switchToHttp().getRequest<AdminRequest>();
    const { id = ALL } = request.params as { id?: string };
    await this.permits.require(callerOf(request), type, id, operation);
    return true;
  }
}
