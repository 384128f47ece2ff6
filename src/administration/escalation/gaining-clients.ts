import { Injectable } from '@nestjs/common';
import type { Client } from '../../clients/client.js';
import { ClientsRepository } from '../../clients/clients.repository.js';
import { Settings } from '../../config/settings.js';
import { CompiledPolicies } from '../../policies/compiled-policies.js';
import { PoliciesRepository } from '../../policies/policies.repository.js';
import { appliesTo, type Policy } from '../../policies/policy.js';
import { inSlices } from '../../runtime/slices.js';
import { type CatalogChange, compiledOf, deniedGroups } from './audience-gains.js';
import { AudienceReach } from './audience-reach.js';
import {
  type BareNameGain,
  bareNameGains,
  type ChangedName,
  changedNames,
  missingForName,
} from './bare-name-gains.js';
import type { AudienceHolder } from './held-audiences.js';
import type { Missing } from './missing.js';
import type { AdmittedClient, AudienceMove } from './moved-resource.js';
import type { ResourceChange } from './resource-escalation.js';

/** The clients that a write of a resource lets have tokens for an audience, or a bare name in them. */
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

  /** The first client that gains an item by a bare name in tokens for one of these audiences. */
  async byName(
    caller: AudienceHolder,
    change: ResourceChange,
    catalogs: CatalogChange,
  ): Promise<Missing | undefined> {
    const gains = await this.gainsByName(caller, changedNames(change, catalogs), catalogs);
    for (const gain of gains) {
      const gaining = await this.firstWithAudience(gain.clientIds, gain.changed.audience);
      if (gaining !== undefined) return missingForName(gain, gaining);
    }
    return undefined;
  }

  private async gainsByName(
    caller: AudienceHolder,
    names: readonly ChangedName[],
    catalogs: CatalogChange,
  ): Promise<BareNameGain[]> {
    if (names.length === 0) return [];
    return inSlices(bareNameGains(caller, names, catalogs, await this.policies.all()));
  }

  /** The clients whose lists kept them from a resource until this move, or would have before it was created. */
  async admittedBy({ left, entered }: AudienceMove): Promise<AdmittedClient[]> {
    const listing = await this.clients.listingAudience(entered);
    const admitted = listing.filter(
      ({ clientCredentials }) => left === undefined || !clientCredentials.audience?.includes(left),
    );
    if (admitted.length === 0) return [];
    const policies = await this.policies.all();
    return admitted.map(({ id }) => ({ id, policies: policies.filter((policy) => appliesTo(policy, id)) }));
  }

  private gains(reach: AudienceReach, audience: string, { before, after }: CatalogChange): boolean {
    return !reach.has(audience, before) && reach.has(audience, after);
  }

  private firstWithoutList(ids: readonly string[]): Promise<string | undefined> {
    return this.firstOf(ids, ({ clientCredentials }) => !clientCredentials.audience);
  }

  private firstWithAudience(ids: readonly string[], audience: string): Promise<string | undefined> {
    return this.firstOf(
      ids,
      ({ clientCredentials }) => clientCredentials.audience?.includes(audience) ?? true,
    );
  }

  private async firstOf(
    ids: readonly string[],
    isSought: (client: Client) => boolean,
  ): Promise<string | undefined> {
    if (ids.includes('')) return '';
    for await (const page of this.clients.pagesOf(ids)) {
      const found = page.find(isSought);
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
