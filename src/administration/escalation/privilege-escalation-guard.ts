import { Injectable } from '@nestjs/common';
import { ALL } from '../../../packages/protocol/src/scope-item.js';
import type { Client } from '../../clients/client.js';
import { ClientsRepository } from '../../clients/clients.repository.js';
import { Settings } from '../../config/settings.js';
import { Holdings } from '../../policies/holdings.js';
import { PoliciesRepository } from '../../policies/policies.repository.js';
import { effectsOf, type PolicyChange } from '../../policies/policy-change.js';
import { forbidden } from '../../protocol/bearer-error.js';
import type { Catalog } from '../../resources/catalog.js';
import { ResourceCatalog } from '../../resources/resource-catalog.js';
import { ResourcesRepository } from '../../resources/resources.repository.js';
import { betweenSlices, inSlices } from '../../runtime/slices.js';
import type { Writer } from '../access/writer.js';
import { Administrators } from '../administrators/administrators.js';
import { catalogChange } from './audience-gains.js';
import { AudienceReach } from './audience-reach.js';
import { missingForClient, missingForMoreTokens } from './client-escalation.js';
import { GainingClients } from './gaining-clients.js';
import {
  type AudienceHolder,
  missingForAudiencesOf,
  missingForEngine,
  missingForListing,
} from './held-audiences.js';
import { missingForClaims } from './held-claims.js';
import { LayeredPolicies } from './layered-policies.js';
import type { Missing } from './missing.js';
import { CarriedNameGains } from './names/carried-name-gains.js';
import { missingByName, missingForPolicy, needsOtherPolicies } from './policy-escalation.js';
import { missingForResource, type ResourceChange, registeredBy } from './resource-escalation.js';
import { UnregisteredAudiences } from './unregistered-audiences.js';

/**
 * Compares what a write grants and revokes with the caller's privileges, for all types of configuration, inside the
 * write's transaction; docs/administration.md states the rule. Each method throws 403 before anything is written.
 */
@Injectable()
export class PrivilegeEscalationGuard {
  constructor(
    private readonly policies: PoliciesRepository,
    private readonly clients: ClientsRepository,
    private readonly resources: ResourcesRepository,
    private readonly catalog: ResourceCatalog,
    private readonly administrators: Administrators,
    private readonly audiences: UnregisteredAudiences,
    private readonly gains: GainingClients,
    private readonly carried: CarriedNameGains,
    private readonly settings: Settings,
  ) {}

  async assertPolicyChange(writer: Writer, change: PolicyChange): Promise<void> {
    const effects = await inSlices(effectsOf(change));
    const others = needsOtherPolicies(effects) ? await this.policies.all() : [];
    refuse(await inSlices(missingForPolicy(writer.holdings, change, effects, others)));
    const holder = this.holder(writer);
    refuse(missingForEngine(holder, change.after));
    if (holder.reach.list) {
      const granted = [...effects.allowed, ...effects.lifted];
      refuse(missingForAudiencesOf(holder, granted, await this.catalog.load()));
    }
  }

  async assertResourceChange(writer: Writer, change: ResourceChange, catalog: Catalog): Promise<void> {
    const registered = registeredBy(change, catalog);
    const users = registered === undefined ? [] : await this.usersBeside(writer, registered);
    refuse(missingForResource(writer.holdings, change, catalog, users));
    await betweenSlices();
    refuse(await this.gains.missing(this.holder(writer), change, catalogChange(change, catalog)));
    refuse(await this.carried.missing(writer.holdings, change, catalog));
  }

  /** Requests that name this URI of a resource mean its audience from now on, as if it had registered the URI. */
  async assertUri(writer: Writer, uri: string, catalog: Catalog): Promise<void> {
    if (catalog.isAudience(uri)) return;
    const users = await this.usersBeside(writer, uri);
    refuse(missingForResource(writer.holdings, { before: null, after: null }, catalog, users));
  }

  /** `after`: the new form; null: the client is deleted, or only its secret changes. */
  async assertClientChange(writer: Writer, id: string, after: Client | null): Promise<void> {
    await this.assertClient(writer, id, await this.clients.find(id), after);
  }

  private async assertClient(
    writer: Writer,
    id: string,
    before: Client | null,
    after: Client | null,
  ): Promise<void> {
    const catalog = await this.catalog.load();
    const introspects = await this.resources.introspectedBy(id);
    const holdings = new Holdings(await this.policies.ofClient(id));
    if (holdings.namesPolicies) {
      refuse(missingByName(writer.holdings, holdings, await this.policies.all()));
    }
    const forms = [before, after].filter((client) => client !== null);
    const powers = {
      id,
      holdings,
      introspects: introspects.map((resource) => resource.id),
      reaches: forms.map((client) => this.reachOf(client, holdings)),
      quotas: forms.map((client) => client.tokenQuota),
    };
    refuse(missingForClient(this.holder(writer), powers, catalog));
    refuse(missingForListing(this.holder(writer), before, after, catalog));
    refuse(missingForClaims(writer, before, after));
  }

  /** Each workload has a quota of its own, so that the template itself bounds nothing. */
  assertTemplateUse(writer: Writer): void {
    refuse(missingForMoreTokens(this.holder(writer)));
  }

  /** A new client's id is no longer an audience that other clients can request. */
  async assertClientCreation(writer: Writer, client: Client): Promise<void> {
    await this.assertClient(writer, client.id, null, client);
    if (writer.holdings.may({ resource: 'Client', identifier: ALL, operation: 'update' })) return;
    const losing = await this.usersBeside(writer, client.id);
    for (const id of losing.filter((id) => id !== client.id)) {
      const permission = `Client:${id}:update`;
      if (!writer.holdings.may({ resource: 'Client', identifier: id, operation: 'update' })) {
        refuse({
          description: `the client ${id} uses this id as an audience: the caller lacks ${permission}`,
          permission,
        });
      }
    }
  }

  /** Throws 409 if no client could write policies after this write. */
  assertNoLockOut(): Promise<void> {
    return this.administrators.assertAnAdminRemains();
  }

  /** The tokens of a client without a scope are its own concern, unless another client wrote its list. */
  private async usersBeside({ client, holdings }: Writer, audience: string): Promise<string[]> {
    const users = await this.audiences.usedBy(audience);
    const isOwn = !holdings.hasScope && !client.clientCredentials.audience;
    return users.filter((id) => !(isOwn && id === client.id));
  }

  private holder({ client, holdings }: Writer): AudienceHolder {
    return { id: client.id, holdings, reach: this.reachOf(client, holdings), quota: client.tokenQuota };
  }

  private reachOf({ id, clientCredentials }: Client, holdings: Holdings): AudienceReach {
    const policies = new LayeredPolicies([holdings]);
    return new AudienceReach(id, clientCredentials.audience, policies, this.settings.unregisteredAudience);
  }
}

function refuse(missing: Missing | undefined): void {
  if (missing) throw forbidden(missing.description, missing.permission);
}
