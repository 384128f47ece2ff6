import { Injectable } from '@nestjs/common';
import type { OwnType } from '../../../packages/protocol/src/own-type.js';
import { type Client, permitsAudience } from '../../clients/client.js';
import { ClientSecretsRepository } from '../../clients/client-secrets.repository.js';
import { isValid } from '../../clients/client-validity.js';
import { ClientsRepository } from '../../clients/clients.repository.js';
import { Settings } from '../../config/settings.js';
import { Holdings } from '../../policies/holdings.js';
import { PoliciesRepository } from '../../policies/policies.repository.js';
import { invalidToken } from '../../protocol/bearer-error.js';
import { InvalidClient } from '../../protocol/invalid-client.js';
import { ResourceCatalog } from '../../resources/resource-catalog.js';
import type { PresentedSession } from '../../sessions/session.js';
import { SessionsService } from '../../sessions/sessions.service.js';
import { meaningOfScope } from '../../tokens/session-scope.js';
import { basicRefusalOf } from './basic-refusal.js';
import type { Caller } from './permissions.js';
import { type AdminOperation, lacking, permission } from './permits.js';

/** A caller at the time of its write, with its current privileges. */
export interface Writer {
  caller: Caller;
  client: Client;
  holdings: Holdings;
}

/**
 * Checks a caller again inside the transaction of its write: its credential or a permission may have been revoked while
 * the request waited for its body, a slow hash or a lock, or in another process. Nothing here is cached.
 */
@Injectable()
export class Writers {
  constructor(
    private readonly clients: ClientsRepository,
    private readonly stored: ClientSecretsRepository,
    private readonly policies: PoliciesRepository,
    private readonly catalog: ResourceCatalog,
    private readonly sessions: SessionsService,
    private readonly settings: Settings,
  ) {}

  /** Throws 401 if the caller's session, secret or client has ended in the meantime, 403 if it has lost the permission. */
  async require(caller: Caller, type: OwnType, id: string, operation: AdminOperation): Promise<Writer> {
    const writer = await this.current(caller);
    if (!writer.holdings.may(permission(type, id, operation))) throw lacking(type, id, operation);
    return writer;
  }

  /** Throws 401 if the caller's session, secret or client has ended in the meantime. */
  async current(caller: Caller): Promise<Writer> {
    const { clientId, session } = caller;
    const client = session ? await this.clientOfToken(caller, session) : await this.clientOfSecret(caller);
    const scope = session?.scope ? meaningOfScope(session, await this.catalog.load()) : undefined;
    return { caller, client, holdings: new Holdings(await this.policies.ofClient(clientId), scope) };
  }

  /** A session is not live for another client that was created with the same id: that has another generation. */
  private async clientOfToken({ clientId }: Caller, { id }: PresentedSession): Promise<Client> {
    const client = await this.clients.find(clientId);
    if (!client || !isValid(client) || !permitsAudience(client, this.settings.rootIssuer))
      throw invalidToken();
    if (!(await this.sessions.findPresented(id))?.live) throw invalidToken();
    return client;
  }

  /** A secret has a new id whenever it is replaced, even by an equal one, so it need not be hashed again. */
  private async clientOfSecret({ clientId, secretId }: Caller): Promise<Client> {
    const client = await this.clients.find(clientId);
    if (!client) throw new InvalidClient('the client has been deleted');
    const refusal = basicRefusalOf(client);
    if (refusal !== undefined) throw new InvalidClient(refusal, true);
    if (secretId === undefined || !(await this.stored.hasLive(clientId, secretId)))
      throw new InvalidClient('the secret has expired or has been replaced', true);
    return client;
  }
}
