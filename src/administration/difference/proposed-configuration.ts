import { Injectable } from '@nestjs/common';
import type { DescribedClient } from '../../clients/client.js';
import { ClientsRepository } from '../../clients/clients.repository.js';
import { PoliciesRepository } from '../../policies/policies.repository.js';
import type { Policy } from '../../policies/policy.js';
import type { Catalog } from '../../resources/catalog.js';
import { ResourceCatalog } from '../../resources/resource-catalog.js';
import { inSlices } from '../../runtime/slices.js';
import type { Caller } from '../access/permissions.js';
import type { BundleEntry } from '../bundles/bundle.dto.js';
import type { Step } from '../bundles/bundle-steps.js';
import { ConfigurationBundles } from '../bundles/configuration-bundles.js';
import type { ConfigurationTypeName } from '../configuration/configuration-audit.js';
import { type Configurations, PolicySet } from './configurations.js';

/** What the proposal writes, as it leaves it. */
interface Written {
  policyIds: string[];
  policies: Policy[];
  clientIds: string[];
  clients: DescribedClient[];
  resourceIds: string[];
  /** Absent if no resource is written. */
  catalog: Catalog | undefined;
}

/** The configuration that writes would make: read from the transaction of their dry run, so that it is what they do make. */
@Injectable()
export class ProposedConfiguration {
  constructor(
    private readonly bundles: ConfigurationBundles,
    private readonly clients: ClientsRepository,
    private readonly policies: PoliciesRepository,
    private readonly catalog: ResourceCatalog,
  ) {}

  async of(caller: Caller, entries: readonly BundleEntry[]): Promise<Configurations> {
    const written = await this.bundles.rehearse(caller, entries, (steps) => this.read(steps));
    const stored = await this.policies.all();
    const replaced = new Set(written.policyIds);
    const proposed = [...stored.filter(({ id }) => !replaced.has(id)), ...written.policies];
    const catalog = await this.catalog.load();
    const clients = new Map(written.clients.map((client) => [client.id, client]));
    return {
      stored: { policies: await inSlices(PolicySet.of(stored)), catalog },
      proposed: {
        policies: await inSlices(PolicySet.of(proposed)),
        catalog: written.catalog ?? catalog,
      },
      written: new Map(written.clientIds.map((id) => [id, clients.get(id) ?? null])),
      resources: new Set([catalog, written.catalog].flatMap((one) => sharers(written.resourceIds, one))),
      concerned: concernedBy(written, stored),
    };
  }

  private async read(steps: readonly Step[]): Promise<Written> {
    const idsOf = (type: ConfigurationTypeName) => writtenIds(steps, type);
    const policyIds = idsOf('AccessPolicy');
    const clientIds = idsOf('Client');
    const resourceIds = idsOf('Resource');
    return {
      policyIds,
      policies: await this.policies.findMany(policyIds),
      clientIds,
      clients: await this.clients.findMany(clientIds),
      resourceIds,
      catalog: resourceIds.length > 0 ? await this.catalog.load() : undefined,
    };
  }
}

/** Documents that are written with others count as well. */
function writtenIds(steps: readonly Step[], type: ConfigurationTypeName): string[] {
  const references = steps.flatMap(({ kind, type: resourceType, id, removal }) => [
    ...(kind === 'unchanged' ? [] : [{ resourceType, id }]),
    ...removal.deleted,
    ...removal.changed,
  ]);
  return [...new Set(references.filter(({ resourceType }) => resourceType === type).map(({ id }) => id))];
}

/** The written resources, and those of the same audiences: a bare name means the operation on each of them. */
function sharers(ids: readonly string[], catalog: Catalog | undefined): string[] {
  const found = ids.flatMap((id) => catalog?.find(id) ?? []);
  const audiences = new Set(found.map((resource) => catalog?.audienceOf(resource) ?? ''));
  const sharing = [...audiences].flatMap((audience) => catalog?.withAudience(audience) ?? []);
  return [...ids, ...sharing.map(({ id }) => id)];
}

function concernedBy(
  { policyIds, policies, clientIds, resourceIds }: Written,
  stored: readonly Policy[],
): ReadonlySet<string> | undefined {
  const ids = new Set(policyIds);
  const changed = [...stored.filter(({ id }) => ids.has(id)), ...policies];
  if (resourceIds.length > 0 || changed.some(({ everyone }) => everyone)) return undefined;
  return new Set([...clientIds, ...changed.flatMap((policy) => policy.clientIds)]);
}
