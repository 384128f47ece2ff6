import { Injectable } from '@nestjs/common';
import { ALL } from '../../../../packages/protocol/src/scope-item.js';
import type { Client } from '../../../clients/client.js';
import { ClientsRepository } from '../../../clients/clients.repository.js';
import { Settings } from '../../../config/settings.js';
import { CompiledPolicies, UNNAMED } from '../../../policies/compiled-policies.js';
import { PoliciesRepository } from '../../../policies/policies.repository.js';
import type { Resource } from '../../../resources/resource.js';
import { RecentAudiences } from '../../../sessions/recent-audiences.js';

/**
 * Whether a resource is completely denied to a client with the engine `allow`. One without operations counts as denied by
 * any deny rule on it: its operations may just have been removed.
 */
export const isWithheld = ({ id: resource, operations }: Resource, policies: CompiledPolicies): boolean =>
  operations.length === 0
    ? policies.touching({ resource, identifier: ALL, operation: ALL }) !== undefined
    : operations.every(
        ({ name: operation }) => !policies.grants({ resource, identifier: UNNAMED, operation }),
      );

/** Which clients have, or could have, tokens for an audience that no resource registers. */
@Injectable()
export class UnregisteredAudiences {
  constructor(
    private readonly settings: Settings,
    private readonly clients: ClientsRepository,
    private readonly policies: PoliciesRepository,
    private readonly recent: RecentAudiences,
  ) {}

  /** The clients that list this audience. */
  async listing(audience: string): Promise<string[]> {
    return (await this.clients.listingAudience(audience)).map(({ id }) => id);
  }

  /** The clients that list it, and those that may request any audience and recently had tokens for this one. */
  async usedBy(audience: string): Promise<string[]> {
    const listing = await this.listing(audience);
    const { unregisteredAudience: permitted } = this.settings;
    if (permitted === 'deny') return listing;
    const users =
      permitted === 'allow'
        ? await this.recent.amongAll(audience)
        : await this.recent.amongClients(audience, await this.allowed());
    return [...listing, ...(await this.withoutList(users)).map(({ id }) => id)];
  }

  /** A client that may request any unregistered audience although deny rules withhold this whole resource from it. */
  async withheldFrom(resource: Resource): Promise<string | undefined> {
    if (this.settings.unregisteredAudience !== 'policy') return undefined;
    for (const { id } of await this.withoutList(await this.allowed())) {
      if (isWithheld(resource, new CompiledPolicies(await this.policies.ofClient(id)))) return id;
    }
    return undefined;
  }

  private async allowed(): Promise<string[]> {
    const policies = await this.policies.allowing();
    return [...new Set(policies.flatMap(({ clientIds }) => clientIds))];
  }

  private async withoutList(ids: readonly string[]): Promise<Client[]> {
    const found: Client[] = [];
    for await (const page of this.clients.pagesOf(ids)) {
      found.push(...page.filter(({ clientCredentials }) => !clientCredentials.audience));
    }
    return found;
  }
}
