import { Injectable } from '@nestjs/common';
import { formatScopeItem } from '../../../packages/protocol/src/scope-item.js';
import type { Client } from '../../clients/client.js';
import { addUse, MAX_USE_DAYS, type ScopeUse, scopeUseId } from '../../clients/scope-use/scope-use.js';
import { ScopeUseWriter } from '../../clients/scope-use/scope-use-writer.js';
import { ScopeUsesRepository } from '../../clients/scope-use/scope-uses.repository.js';
import { DAY_MILLISECONDS } from '../../clients/usage/token-quota-use.js';
import { CompiledPolicies } from '../../policies/compiled-policies.js';
import { PoliciesRepository } from '../../policies/policies.repository.js';
import type { Policy, Rule } from '../../policies/policy.js';
import { RuleOverlap } from '../../policies/rule-cover.js';
import type { Catalog } from '../../resources/catalog.js';
import { ResourceCatalog } from '../../resources/resource-catalog.js';
import { nowMilliseconds } from '../../runtime/clock.js';
import { inSlices } from '../../runtime/slices.js';
import type { JsonObject } from '../documents/merge-patch.js';
import { isoTime, present } from '../documents/meta.js';
import { type GrantedItems, grantedItems } from './granted-items.js';
import { suggestions } from './suggestions.js';

const MAX_USED = 1000;
/** Of each client in a list. */
const MAX_LISTED = 100;

type UsingClient = Pick<Client, 'id' | 'clientCredentials'> & { createdAt: number; name?: string | null };

/** A period up to now, and what a client was granted and used in it. */
interface Comparison {
  start: number;
  watchedSince: number;
  policies: Policy[];
  granted: GrantedItems;
  /** The latest first. */
  used: ScopeUse[];
  /** Absent while it was not watched for the whole period. */
  unused?: string[];
}

/** Compares what clients are granted with what `/auth/verify`, AuthZEN and introspection saw of it. */
@Injectable()
export class ScopeUsage {
  constructor(
    private readonly policies: PoliciesRepository,
    private readonly catalog: ResourceCatalog,
    private readonly stored: ScopeUsesRepository,
    private readonly writer: ScopeUseWriter,
  ) {}

  /** In the last `days`, with the changes that would leave only what was used. */
  async of(client: UsingClient, asked: number): Promise<JsonObject> {
    const days = Math.min(asked, MAX_USE_DAYS);
    const catalog = await this.catalog.current();
    const [compared] = await this.compare([client], days, catalog);
    const { start, watchedSince, policies, granted, used, unused } = compared as Comparison;
    const compiled = new CompiledPolicies(policies);
    return present({
      days,
      watched_since: isoTime(watchedSince),
      granted: [...granted.items.keys()].sort(),
      truncated: granted.truncated || undefined,
      used: used.slice(0, MAX_USED).map((use) => useView(use, compiled)),
      unused,
      conclusive_from: unused ? undefined : isoTime(watchedSince + days * DAY_MILLISECONDS),
      suggestion: unused && (await this.suggested(client.id, policies, used, catalog, start)),
    });
  }

  /** The unused part of what each of these clients is granted. */
  async unusedOf(clients: readonly UsingClient[], asked: number): Promise<JsonObject[]> {
    const days = Math.min(asked, MAX_USE_DAYS);
    const compared = await this.compare(clients, days, await this.catalog.current());
    return clients.map(({ id, name }, at) => {
      const { watchedSince, granted, unused } = compared[at] as Comparison;
      return present({
        resourceType: 'Client',
        id,
        name: name ?? undefined,
        days,
        watched_since: isoTime(watchedSince),
        granted_total: granted.items.size,
        truncated: granted.truncated || undefined,
        unused: unused?.slice(0, MAX_LISTED),
        unused_total: unused?.length,
        conclusive_from: unused ? undefined : isoTime(watchedSince + days * DAY_MILLISECONDS),
      });
    });
  }

  private async compare(
    clients: readonly UsingClient[],
    days: number,
    catalog: Catalog,
  ): Promise<Comparison[]> {
    const now = nowMilliseconds();
    const start = now - days * DAY_MILLISECONDS;
    const watched = await this.stored.watchedSince();
    const uses = await this.usesOf(clients.map(({ id }) => id));
    const compared: Comparison[] = [];
    for (const client of clients) {
      const policies = await this.policies.ofClient(client.id);
      const granted = await inSlices(grantedItems(policies, client, catalog));
      // An earlier client may have had this id.
      const from = Math.max(start, client.createdAt);
      const used = (uses.get(client.id) ?? []).filter(({ lastUsedAt }) => lastUsedAt >= from);
      const watchedSince = Math.max(watched, client.createdAt);
      const basis = { start, watchedSince, policies, granted, used };
      compared.push(watchedSince > start ? basis : { ...basis, unused: unusedItems(granted, used, start) });
    }
    return compared;
  }

  /** Of each client the latest first; those that this process has not written yet are added to the stored ones. */
  private async usesOf(clientIds: readonly string[]): Promise<Map<string, ScopeUse[]>> {
    const unwritten = clientIds.flatMap((id) => this.writer.unwrittenOf(id));
    const found = new Map((await this.stored.ofClients(clientIds)).map((use) => [scopeUseId(use), use]));
    for (const use of unwritten) {
      const known = found.get(scopeUseId(use));
      if (known) addUse(known, use);
      else found.set(scopeUseId(use), { ...use });
    }
    const ofClient = new Map<string, ScopeUse[]>(clientIds.map((id) => [id, []]));
    const latestFirst = [...found.values()].sort((one, other) => other.lastUsedAt - one.lastUsedAt);
    for (const use of latestFirst) ofClient.get(use.clientId)?.push(use);
    return ofClient;
  }

  private async suggested(
    clientId: string,
    policies: readonly Policy[],
    used: readonly ScopeUse[],
    catalog: Catalog,
    start: number,
  ): Promise<JsonObject[]> {
    if (used.length === 0) return [];
    // Those of the client itself with all of their links.
    const linked = (await this.policies.namingClient(clientId)).filter(({ everyone }) => !everyone);
    const open = policies.filter(({ everyone }) => everyone);
    return inSlices(suggestions([...linked, ...open], used, catalog, start));
  }
}

/** A grant that is younger than the period was not there to be used. */
function unusedItems({ items }: GrantedItems, used: readonly ScopeUse[], start: number): string[] {
  const met = new RuleOverlap(used.map(ruleOf));
  return [...items]
    .filter(([, item]) => item.grantedAt <= start && !met.meetsItem(item))
    .map(([text]) => text)
    .sort();
}

const ruleOf = ({ resource, identifier, operation }: ScopeUse): Rule => ({
  effect: 'allow',
  resource,
  identifier,
  operations: [operation],
});

const useView = (use: ScopeUse, policies: CompiledPolicies): JsonObject =>
  present({
    item: formatScopeItem(use),
    folded: use.folded || undefined,
    granted: use.folded ? undefined : policies.grants(use),
    verified: use.verified,
    introspected: use.introspected,
    first_used: isoTime(use.firstUsedAt),
    last_used: isoTime(use.lastUsedAt),
  });
