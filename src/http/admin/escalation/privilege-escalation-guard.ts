import { Injectable } from '@nestjs/common';
import type { Client } from '../../../clients/client.js';
import { ClientsRepository } from '../../../clients/clients.repository.js';
import { Administrators } from '../../../policies/administrators.js';
import { Holdings } from '../../../policies/holdings.js';
import { PoliciesRepository } from '../../../policies/policies.repository.js';
import type { PolicyChange } from '../../../policies/policy-change.js';
import { forbidden } from '../../../protocol/bearer-error.js';
import type { Catalog } from '../../../resources/catalog.js';
import { ResourceCatalog } from '../../../resources/resource-catalog.js';
import { ResourcesRepository } from '../../../resources/resources.repository.js';
import type { Writer } from '../access/writer.js';
import { missingForClient, missingForUnregistering } from './client-escalation.js';
import type { Missing } from './missing.js';
import { missingByName, missingForPolicy, needsOtherPolicies } from './policy-escalation.js';
import {
  missingForResource,
  type ResourceChange,
  registeredBy,
  unregisteredBy,
} from './resource-escalation.js';
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
  ) {}

  async assertPolicyChange({ holdings }: Writer, change: PolicyChange): Promise<void> {
    const others = needsOtherPolicies(change) ? await this.policies.all() : [];
    refuse(missingForPolicy(holdings, change, others));
  }

  async assertResourceChange(writer: Writer, change: ResourceChange, catalog: Catalog): Promise<void> {
    const registered = registeredBy(change, catalog);
    const users = registered === undefined ? [] : await this.usersBeside(writer, registered);
    refuse(missingForResource(writer.holdings, change, catalog, users));
    const unregistered = unregisteredBy(change, catalog);
    if (unregistered === undefined || !change.before) return;
    const listing = await this.audiences.listing(unregistered);
    const withheld = await this.audiences.withheldFrom(change.before);
    refuse(missingForUnregistering(callingClient(writer), unregistered, listing, withheld));
  }

  /** `after`: the new form; null: the client is deleted, or only its secret changes. */
  async assertClientChange(writer: Writer, id: string, after: Client | null): Promise<void> {
    const before = await this.clients.find(id);
    const catalog = await this.catalog.load();
    const listed = [before, after].flatMap((client) => client?.clientCredentials.audience ?? []);
    const introspects = await this.resources.introspectedBy(id);
    const holdings = new Holdings(await this.policies.ofClient(id));
    if (holdings.namesPolicies) {
      refuse(missingByName(writer.holdings, holdings, await this.policies.all()));
    }
    refuse(
      missingForClient(callingClient(writer), {
        id,
        holdings,
        introspects: introspects.map((resource) => resource.id),
        unregisteredAudiences: listed.filter((audience) => !catalog.isAudience(audience)),
      }),
    );
  }

  /** A new client's id is no longer an audience that other clients can request. */
  async assertClientCreation(writer: Writer, client: Client): Promise<void> {
    await this.assertClientChange(writer, client.id, client);
    const losing = await this.usersBeside(writer, client.id);
    for (const id of losing.filter((id) => id !== client.id)) {
      const permission = `Client:${id}:update`;
      if (!writer.holdings.may({ resource: 'Client', identifier: id, operation: 'update' })) {
        refuse({
          description: `the client ${id} lists this id as an audience: the caller lacks ${permission}`,
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
}

const callingClient = ({ client, holdings }: Writer) => ({
  id: client.id,
  holdings,
  listedAudiences: client.clientCredentials.audience ?? [],
});

function refuse(missing: Missing | undefined): void {
  if (missing) throw forbidden(missing.description, missing.permission);
}
