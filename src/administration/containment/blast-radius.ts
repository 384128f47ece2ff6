import { Injectable } from '@nestjs/common';
import { ALL } from '../../../packages/protocol/src/scope-item.js';
import { invalidityOf } from '../../clients/client-validity.js';
import { CredentialSharers, type Sharer } from '../../clients/credential-sharers.repository.js';
import { CompiledPolicyCache } from '../../policies/compiled-policy-cache.js';
import { notFound } from '../../protocol/problem.js';
import { ResourceCatalog } from '../../resources/resource-catalog.js';
import { ResourcesRepository } from '../../resources/resources.repository.js';
import { inSlices } from '../../runtime/slices.js';
import { type Held, HeldTokens } from '../../sessions/held-tokens.js';
import type { Caller } from '../access/permissions.js';
import { Permits } from '../access/permits.js';
import { type ShownClient, ShownClients } from '../clients/shown-clients.js';
import { type Reach, reachOf } from './reach.js';

/** The permissions of a client's credential, and the sessions and documents within its reach. */
export interface BlastRadius {
  client: ShownClient;
  /** Why its credentials open nothing now; undefined if they do. */
  invalidity: string | undefined;
  reach: Reach;
  /** The resources whose tokens it may introspect. */
  introspects: string[];
  held: Held;
  /** Undefined for a caller that may not read all clients. */
  shared: { sharers: Sharer[]; more: boolean } | undefined;
}

/** Shows the damage that a leaked credential of a client could do. Changes nothing. */
@Injectable()
export class BlastRadiusService {
  constructor(
    private readonly clients: ShownClients,
    private readonly permits: Permits,
    private readonly decisions: CompiledPolicyCache,
    private readonly catalog: ResourceCatalog,
    private readonly resources: ResourcesRepository,
    private readonly tokens: HeldTokens,
    private readonly credentials: CredentialSharers,
  ) {}

  /** For a caller that may read the client; it must be permitted to read its sessions and all policies as well. */
  async of(caller: Caller, id: string): Promise<BlastRadius> {
    await this.permits.require(caller, 'Session', id, 'read');
    await this.permits.require(caller, 'AccessPolicy', ALL, 'read');
    const client = await this.clients.find(id);
    if (!client) throw notFound('Client', id);
    const mayReadAll = await this.permits.has(caller, 'Client', ALL, 'read');
    const policies = await this.decisions.ofClient(id);
    const introspected = await this.resources.introspectedBy(id);
    return {
      client,
      invalidity: invalidityOf(client),
      reach: await inSlices(reachOf(client, policies, await this.catalog.current())),
      introspects: introspected.map((resource) => resource.id),
      held: await this.tokens.ofClient(id),
      shared: mayReadAll ? await this.credentials.of(client) : undefined,
    };
  }
}
