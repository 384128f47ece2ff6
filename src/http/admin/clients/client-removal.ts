import { Injectable } from '@nestjs/common';
import { ClientsRepository } from '../../../clients/clients.repository.js';
import { nowMilliseconds } from '../../../crypto/clock.js';
import { PoliciesRepository } from '../../../policies/policies.repository.js';
import { ResourcesRepository } from '../../../resources/resources.repository.js';
import { stampOf } from '../configuration/configuration-type.js';

/** Removes a client from wherever it is named. Its sessions end with it: a session without its client is not live. */
@Injectable()
export class ClientRemoval {
  constructor(
    private readonly clients: ClientsRepository,
    private readonly policies: PoliciesRepository,
    private readonly resources: ResourcesRepository,
  ) {}

  async remove(id: string): Promise<void> {
    await this.unlink(id);
    await this.stopIntrospection(id);
    await this.clients.remove(id);
  }

  /** A policy that loses its last link is deleted: without a link it would be a policy for nobody. */
  private async unlink(id: string): Promise<void> {
    for (const policy of await this.policies.linkedTo(id)) {
      const clientIds = policy.clientIds.filter((linked) => linked !== id);
      if (clientIds.length === 0) await this.policies.remove(policy.id);
      else
        await this.policies.save({ ...policy, ...stampOf(policy.id, policy, nowMilliseconds()), clientIds });
    }
  }

  private async stopIntrospection(id: string): Promise<void> {
    for (const resource of await this.resources.introspectedBy(id)) {
      const introspectionClients = resource.introspectionClients.filter((client) => client !== id);
      await this.resources.replace({
        ...resource,
        ...stampOf(resource.id, resource, nowMilliseconds()),
        introspectionClients,
      });
    }
  }
}
