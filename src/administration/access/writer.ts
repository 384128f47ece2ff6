import { Injectable } from '@nestjs/common';
import type { OwnType } from '../../../packages/protocol/src/own-type.js';
import type { Client } from '../../clients/client.js';
import { ClientsRepository } from '../../clients/clients.repository.js';
import { Holdings } from '../../policies/holdings.js';
import { PoliciesRepository } from '../../policies/policies.repository.js';
import { invalidToken } from '../../protocol/bearer-error.js';
import { InvalidClient } from '../../protocol/invalid-client.js';
import { ResourceCatalog } from '../../resources/resource-catalog.js';
import { SessionsService } from '../../sessions/sessions.service.js';
import { meaningOfScope } from '../../tokens/session-scope.js';
import type { Caller } from './permissions.js';
import { type AdminOperation, lacking, permission } from './permits.js';

/** A caller at the time of its write, with its current privileges. */
export interface Writer {
  caller: Caller;
  client: Client;
  holdings: Holdings;
}

/**
 * Checks a caller again inside the transaction of its write: a permission may have been revoked while the request
 * waited for a slow hash or a lock. Nothing here is cached.
 */
@Injectable()
export class Writers {
  constructor(
    private readonly clients: ClientsRepository,
    private readonly policies: PoliciesRepository,
    private readonly catalog: ResourceCatalog,
    private readonly sessions: SessionsService,
  ) {}

  /** Throws 401 if the caller's session or client has ended in the meantime, 403 if it has lost the permission. */
  async require(caller: Caller, type: OwnType, id: string, operation: AdminOperation): Promise<Writer> {
    const writer = await this.current(caller);
    if (!writer.holdings.may(permission(type, id, operation))) throw lacking(type, id, operation);
    return writer;
  }

  /** Throws 401 if the caller's session or client has ended in the meantime. */
  async current(caller: Caller): Promise<Writer> {
    const { clientId, session } = caller;
    const client = await this.clients.find(clientId);
    const isActive =
      client?.active === true && (session !== undefined || client.grantTypes.includes('basic'));
    if (!isActive)
      throw session
        ? invalidToken()
        : new InvalidClient('the client has been disabled or has lost the grant type basic', true);
    if (session && !(await this.sessions.findPresented(session.id))?.live) throw invalidToken();
    const scope = session?.scope ? meaningOfScope(session, await this.catalog.load()) : undefined;
    return { caller, client, holdings: new Holdings(await this.policies.ofClient(clientId), scope) };
  }
}
