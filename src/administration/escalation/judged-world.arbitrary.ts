import { parseScopeItem, type ScopeItem } from '../../../packages/protocol/src/scope-item.js';
import type { Client } from '../../clients/client.js';
import type { ClientsRepository } from '../../clients/clients.repository.js';
import type { Settings } from '../../config/settings.js';
import { Holdings } from '../../policies/holdings.js';
import type { PoliciesRepository } from '../../policies/policies.repository.js';
import { BearerError } from '../../protocol/bearer-error.js';
import type { Spellings } from '../../resources/audience-spelling.js';
import type { LastOwners } from '../../resources/catalog.js';
import {
  endedMeanings,
  type FormerOperationsRepository,
} from '../../resources/former-operations.repository.js';
import type { ResourceCatalog } from '../../resources/resource-catalog.js';
import type { ResourcesRepository } from '../../resources/resources.repository.js';
import type { RecentAudiences } from '../../sessions/recent-audiences.js';
import type { Caller } from '../access/permissions.js';
import type { Writer } from '../access/writer.js';
import type { Administrators } from '../administrators/administrators.js';
import { GainingClients } from './gaining-clients.js';
import type { CarriedNameGains } from './names/carried-name-gains.js';
import { PrivilegeEscalationGuard } from './privilege-escalation-guard.js';
import { ALL_CLIENTS, catalogOf, policiesOf, type World } from './random-world.arbitrary.js';
import { UnregisteredAudiences } from './unregistered-audiences.js';

/** A client as the rules see it. */
export const clientOf = (id: string, audience: string[] | undefined): Client => ({
  id,
  version: 1,
  createdAt: 0,
  updatedAt: 0,
  name: null,
  active: true,
  expiresAt: null,
  grantTypes: ['client_credentials'],
  tokenEndpointAuthMethod: null,
  jwks: null,
  jwksUri: null,
  assertionAudience: null,
  federated: null,
  clientCredentials: audience ? { audience } : {},
  tokenQuota: null,
  claims: null,
  sessionGeneration: 0,
});

/** What names meant before the writes of a sequence. */
export class FormerMeanings {
  /** The last first. */
  private meanings: ReturnType<typeof endedMeanings> = [];

  async ownersOf(audience: string, names: readonly string[]): Promise<Map<string, string[]>> {
    const found = this.meanings.filter((one) => one.audience === audience);
    const owners = (name: string) => found.filter(({ operation }) => operation === name);
    return new Map(
      names
        .map((name): [string, string[]] => [name, owners(name).map(({ resourceId }) => resourceId)])
        .filter(([, ids]) => ids.length > 0),
    );
  }

  async readAs(id: string) {
    return this.meanings.filter(({ operation }) => parseScopeItem(operation)?.resource === id);
  }

  async ofResources(ids: readonly string[]) {
    return this.meanings.filter(({ resourceId }) => ids.includes(resourceId));
  }

  lastOwners(): LastOwners {
    const owners = new Map<string, Map<string, string>>();
    for (const { audience, operation, resourceId } of this.meanings.toReversed()) {
      owners.set(audience, (owners.get(audience) ?? new Map()).set(operation, resourceId));
    }
    return owners;
  }

  record(...write: Parameters<typeof endedMeanings>): void {
    const ended = endedMeanings(...write);
    const keys = new Set(ended.map((meaning) => JSON.stringify(meaning)));
    this.meanings = [...ended, ...this.meanings.filter((one) => !keys.has(JSON.stringify(one)))];
  }
}

/** The guard on a world in memory, and the caller with this scope. */
export function judgeOf(
  world: World,
  scope: readonly ScopeItem[] | undefined,
  former = new FormerMeanings(),
) {
  const clients = {
    find: async (id: string) => (id === 'later' ? null : clientOf(id, world.lists[id])),
    listingAudience: async (audience: string) =>
      ALL_CLIENTS.filter((id) => world.lists[id]?.includes(audience)).map((id) =>
        clientOf(id, world.lists[id]),
      ),
    listingMatch: async (_part: string, matches: (audience: string) => boolean) =>
      ALL_CLIENTS.filter((id) => world.lists[id]?.some(matches)).map((id) => clientOf(id, world.lists[id])),
    async *pagesOf(ids: string[]) {
      yield ids.map((id) => clientOf(id, world.lists[id]));
    },
  } as unknown as ClientsRepository;
  const policies = {
    all: async () => world.policies,
    concerning: async () => world.policies,
    ofClient: async (id: string) => policiesOf(world, id),
    allowing: async () => world.policies.filter(({ engine: used }) => used === 'allow'),
  } as unknown as PoliciesRepository;
  const live = async ({ has }: Spellings) => ALL_CLIENTS.filter((id) => world.live[id]?.some(has));
  const recent = {
    live,
    amongAll: live,
    amongClients: async (spellings: Spellings, ids: string[]) =>
      (await live(spellings)).filter((id) => ids.includes(id)),
  } as RecentAudiences;
  const settings = { unregisteredAudience: world.setting } as Settings;
  const guard = new PrivilegeEscalationGuard(
    policies,
    clients,
    { introspectedBy: async () => [] } as unknown as ResourcesRepository,
    { load: async () => catalogOf(world) } as ResourceCatalog,
    {} as Administrators,
    new UnregisteredAudiences(settings, clients, policies, recent),
    new GainingClients(settings, clients, policies, former as unknown as FormerOperationsRepository),
    { missing: async () => undefined } as unknown as CarriedNameGains,
    settings,
  );
  const holdings = new Holdings(policiesOf(world, 'caller'), scope);
  const writer: Writer = {
    caller: {} as Caller,
    client: clientOf('caller', world.lists.caller),
    holdings,
  };
  return { guard, writer, holdings };
}

/** Whether the guard permits the write. */
export async function isPermitted(judgement: Promise<void>): Promise<boolean> {
  try {
    await judgement;
    return true;
  } catch (error) {
    if (error instanceof BearerError) return false;
    throw error;
  }
}
