import { Injectable } from '@nestjs/common';
import type { Agent } from '../audit/audit-event.js';
import { CompiledPolicyCache } from '../policies/compiled-policy-cache.js';
import type { OwnType } from '../protocol/identifier.js';
import type { ScopeItem } from '../protocol/scope-item.js';
import { ResourceCatalog } from '../resources/resource-catalog.js';
import type { PresentedSession } from '../sessions/session.js';
import { scopeCovers } from './session-scope.js';

/** Who is asking this server: a client, and the session of its token where it came with one. */
export interface Caller {
  clientId: string;
  session?: PresentedSession;
  /** Where it came from, for the audit. */
  address?: string;
}

export const agentOf = ({ clientId, session, address }: Caller): Agent => ({
  clientId,
  ...(session === undefined ? {} : { sessionId: session.id }),
  ...(address === undefined ? {} : { address }),
});

/** Something that can be done here, such as `Client:api-client:update`. */
export interface Permission extends ScopeItem {
  resource: OwnType;
}

/** Says whether a caller may do something here: by the policies of this moment, and by its token's own scope. */
@Injectable()
export class Permissions {
  constructor(
    private readonly decisions: CompiledPolicyCache,
    private readonly catalog: ResourceCatalog,
  ) {}

  /** Whether any of the caller's policies reaches this type at all. */
  async reach({ clientId }: Caller, type: OwnType): Promise<boolean> {
    return (await this.decisions.ofClient(clientId)).names(type);
  }

  async allows(caller: Caller, permission: Permission): Promise<boolean> {
    const policies = await this.decisions.ofClient(caller.clientId);
    if (!policies.grants(permission)) return false;
    const { session } = caller;
    return !session?.scope || scopeCovers(session, permission, await this.catalog.current());
  }
}
