import { Injectable } from '@nestjs/common';
import type { OwnType } from '../../../packages/protocol/src/own-type.js';
import type { ScopeItem } from '../../../packages/protocol/src/scope-item.js';
import type { Agent } from '../../audit/audit-event.js';
import { CompiledPolicyCache } from '../../policies/compiled-policy-cache.js';
import { ResourceCatalog } from '../../resources/resource-catalog.js';
import type { PresentedSession } from '../../sessions/session.js';
import { scopeCovers } from '../../tokens/session-scope.js';

/** The caller of this server: a client, and the session of its token or the id of its secret. */
export interface Caller {
  clientId: string;
  session?: PresentedSession;
  /** The secret that it presented by Basic; a write requires it to be still valid. */
  secretId?: string;
  /** The remote address, for the audit. */
  address?: string;
}

export const agentOf = ({ clientId, session, address }: Caller): Agent => ({
  clientId,
  ...(session === undefined ? {} : { sessionId: session.id }),
  ...(address === undefined ? {} : { address }),
});

/** A permission on this server, such as `Client:api-client:update`. */
export interface Permission extends ScopeItem {
  resource: OwnType;
}

/** Decides what a caller may do on this server, by the current policies and the scope of its token. */
@Injectable()
export class Permissions {
  constructor(
    private readonly decisions: CompiledPolicyCache,
    private readonly catalog: ResourceCatalog,
  ) {}

  /** Whether any policy of the caller names this type. */
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
