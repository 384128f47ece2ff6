import { Injectable } from '@nestjs/common';
import { type OwnType } from '../../../packages/protocol/src/own-type.js';
import { ALL, formatScopeItem } from '../../../packages/protocol/src/scope-item.js';
import { insufficientScope } from '../../protocol/bearer-error.js';
import { isId } from '../../protocol/identifier.js';
import { type Caller, type Permission, Permissions } from './permissions.js';

export type AdminOperation = 'read' | 'create' | 'update' | 'delete' | 'rotate';

/** Checks against the policies what the caller may do with a resource of the server's own types. */
@Injectable()
export class Permits {
  constructor(private readonly permissions: Permissions) {}

  has(caller: Caller, type: OwnType, id: string, operation: AdminOperation): Promise<boolean> {
    return this.permissions.allows(caller, permission(type, id, operation));
  }

  /** False if the caller has no permission on any resource of this type. */
  hasAny(caller: Caller, type: OwnType): Promise<boolean> {
    return this.permissions.reach(caller, type);
  }

  /** Throws 403 insufficient_scope. */
  async require(caller: Caller, type: OwnType, id: string, operation: AdminOperation): Promise<void> {
    if (!(await this.has(caller, type, id, operation))) throw lacking(type, id, operation);
  }

  /**
   * The same for a PUT, which creates or updates. To a caller that may do neither, nor read it, the response does not tell
   * whether the id exists.
   */
  async requireToPut(
    caller: Caller,
    type: OwnType,
    id: string,
    operation: 'create' | 'update',
  ): Promise<void> {
    if (await this.has(caller, type, id, operation)) return;
    const other = operation === 'create' ? 'update' : 'create';
    const knows = (await this.has(caller, type, id, 'read')) || (await this.has(caller, type, id, other));
    throw lacking(type, id, knows ? operation : 'update');
  }
}

export const lacking = (type: OwnType, id: string, operation: AdminOperation) =>
  insufficientScope(formatScopeItem(permission(type, id, operation)));

/**
 * An invalid id could be parsed as something else in a scope, so only a caller permitted on all ids may learn that it
 * is invalid.
 */
export const permission = (type: OwnType, id: string, operation: AdminOperation): Permission => ({
  resource: type,
  identifier: isId(id) ? id : ALL,
  operation,
});
