import { Injectable } from '@nestjs/common';
import { ClientsRepository } from '../../clients/clients.repository.js';
import { PoliciesRepository } from '../../policies/policies.repository.js';
import { ResourcesRepository } from '../../resources/resources.repository.js';
import { nowMilliseconds } from '../../runtime/clock.js';
import { TokenCounts } from '../../sessions/token-counts.js';
import type { Caller } from '../access/permissions.js';
import { ConfigurationAudit } from '../configuration/configuration-audit.js';
import type { Reference, Removal } from '../configuration/removal.js';
import { stampOf } from '../documents/stored.js';
import { policyView } from '../policies/policy.wire.js';
import { resourceView } from '../resources/resource.wire.js';

/** Removes a client and every reference to it. Its sessions end with it: a session without its client is not live. */
@Injectable()
export class ClientRemoval {
  constructor(
    private readonly clients: ClientsRepository,
    private readonly policies: PoliciesRepository,
    private readonly resources: ResourcesRepository,
    private readonly audit: ConfigurationAudit,
    private readonly counts: TokenCounts,
  ) {}

  async remove(caller: Caller, id: string): Promise<Removal> {
    const unlinked = await this.unlink(caller, id);
    const resources = await this.stopIntrospection(caller, id);
    await this.counts.remove(id);
    await this.clients.remove(id);
    return { deleted: unlinked.deleted, changed: [...unlinked.changed, ...resources] };
  }

  /** A policy that loses its last link is deleted, since it would apply to no client. */
  private async unlink(caller: Caller, id: string): Promise<Removal> {
    const removal: Removal = { deleted: [], changed: [] };
    for (const policy of await this.policies.namingClient(id)) {
      const clientIds = policy.clientIds.filter((linked) => linked !== id);
      const exceptIds = policy.exceptIds.filter((leftOut) => leftOut !== id);
      const left =
        policy.everyone || clientIds.length > 0
          ? { ...policy, ...stampOf(policy.id, policy, nowMilliseconds()), clientIds, exceptIds }
          : null;
      if (left) await this.policies.save(left);
      else await this.policies.remove(policy.id);
      removal[left ? 'changed' : 'deleted'].push({ resourceType: 'AccessPolicy', id: policy.id });
      await this.audit.record(caller, {
        type: 'AccessPolicy',
        id: policy.id,
        before: policyView(policy),
        after: left && policyView(left),
        reason: `the client ${id} was deleted`,
      });
    }
    return removal;
  }

  private async stopIntrospection(caller: Caller, id: string): Promise<Reference[]> {
    const changed: Reference[] = [];
    for (const resource of await this.resources.introspectedBy(id)) {
      const introspectionClients = resource.introspectionClients.filter((client) => client !== id);
      const left = {
        ...resource,
        ...stampOf(resource.id, resource, nowMilliseconds()),
        introspectionClients,
      };
      await this.resources.replace(left);
      changed.push({ resourceType: 'Resource', id: resource.id });
      await this.audit.record(caller, {
        type: 'Resource',
        id: resource.id,
        before: resourceView(resource),
        after: resourceView(left),
        reason: `the client ${id} was deleted`,
      });
    }
    return changed;
  }
}
