import { Injectable } from '@nestjs/common';
import type { Client } from '../../clients/client.js';
import { ClientsRepository } from '../../clients/clients.repository.js';
import { Settings } from '../../config/settings.js';
import { CompiledPolicies } from '../../policies/compiled-policies.js';
import { PoliciesRepository } from '../../policies/policies.repository.js';
import { appliesTo, type Policy } from '../../policies/policy.js';
import { type CatalogChange, compiledOf, deniedGroups } from './audience-gains.js';
import { AudienceReach } from './audience-reach.js';
import type { AdmittedClient, AudienceMove } from './moved-resource.js';

/** The clients that a write of a resource lets have tokens for an audience. */
@Injectable()
export class GainingClients {
  constructor(
    private readonly settings: Settings,
    private readonly clients: ClientsRepository,
    private readonly policies: PoliciesRepository,
  ) {}

  /**
   * The id of a client that gains this audience; '' for clients that no policy names. Only clients that list it or that a
   * deny rule withholds it from are considered: what allow rules grant moves with their resource.
   */
  async first(audience: string, catalogs: CatalogChange): Promise<string | undefined> {
    const policies = await this.policies.all();
    const isLeft = !catalogs.after.isAudience(audience);
    if (isLeft && this.settings.unregisteredAudience === 'allow') return '';
    for (const client of await this.clients.listingAudience(audience)) {
      if (isLeft || this.gains(reachOf(client, policies, this.settings), audience, catalogs))
        return client.id;
    }
    for (const group of deniedGroups(policies, audience, catalogs)) {
      const reach = new AudienceReach('', undefined, compiledOf(group), this.settings.unregisteredAudience);
      if (!this.gains(reach, audience, catalogs)) continue;
      const gaining = await this.firstWithoutList(group.clientIds);
      if (gaining !== undefined) return gaining;
    }
    return undefined;
  }

  /** The clients whose lists kept them from a resource until this move. */
  async admittedBy({ left, entered }: AudienceMove): Promise<AdmittedClient[]> {
    const listing = await this.clients.listingAudience(entered);
    const admitted = listing.filter(({ clientCredentials }) => !clientCredentials.audience?.includes(left));
    if (admitted.length === 0) return [];
    const policies = await this.policies.all();
    return admitted.map(({ id }) => ({ id, policies: policies.filter((policy) => appliesTo(policy, id)) }));
  }

  private gains(reach: AudienceReach, audience: string, { before, after }: CatalogChange): boolean {
    return !reach.has(audience, before) && reach.has(audience, after);
  }

  private async firstWithoutList(ids: readonly string[]): Promise<string | undefined> {
    if (ids.includes('')) return '';
    for await (const page of this.clients.pagesOf(ids)) {
      const found = page.find(({ clientCredentials }) => !clientCredentials.audience);
      if (found) return found.id;
    }
    return undefined;
  }
}

const reachOf = ({ id, clientCredentials }: Client, policies: readonly Policy[], settings: Settings) =>
  new AudienceReach(
    id,
    clientCredentials.audience,
    new CompiledPolicies(policies.filter((policy) => appliesTo(policy, id))),
    settings.unregisteredAudience,
  );
