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
import { betweenSlices, inSlices } from '../../runtime/slices.js';
import type { JsonObject } from '../documents/merge-patch.js';
import { isoTime, present } from '../documents/meta.js';
import { type GrantedItems, grantedItems } from './granted-items.js';
import { suggestions } from './suggestions.js';

const MAX_USED = 1000;
/** Of each client in a list. */
const MAX_LISTED = 100;

type UsingClient = Pick<Client, 'id' | 'clientCredentials'> & { createdAt: number; name?: string | null };

interface Period {
  start: number;
  /** Since when uses are recorded. */
  watched: number;
}

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
    const compared = await this.compare(client, await this.periodOf(days), catalog);
    const { start, watchedSince, policies, granted, used, unused } = compared;
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
    const catalog = await this.catalog.current();
    const period = await this.periodOf(days);
    const views: JsonObject[] = [];
    // One at a time: only the views of all of them fit into memory.
    for (const client of clients) {
      await betweenSlices();
      views.push(unusedView(client, days, await this.compare(client, period, catalog)));
    }
    return views;
  }

  /** The last `days` up to now. */
  private async periodOf(days: number): Promise<Period> {
    return { start: nowMilliseconds() - days * DAY_MILLISECONDS, watched: await this.stored.watchedSince() };
  }

  private async compare(
    client: UsingClient,
    { start, watched }: Period,
    catalog: Catalog,
  ): Promise<Comparison> {
    // An earlier client may have had this id.
    const from = Math.max(start, client.createdAt);
    const used = (await this.usesOf(client.id)).filter(({ lastUsedAt }) => lastUsedAt >= from);
    await betweenSlices();
    const policies = await this.policies.ofClient(client.id);
    const granted = await inSlices(grantedItems(policies, client, catalog));
    await betweenSlices();
    const watchedSince = Math.max(watched, client.createdAt);
    const basis = { start, watchedSince, policies, granted, used };
    return watchedSince > start ? basis : { ...basis, unused: unusedItems(granted, used, start) };
  }

  /** The latest first; those that this process has not written yet are added to the stored ones. */
  private async usesOf(clientId: string): Promise<ScopeUse[]> {
    const unwritten = this.writer.unwrittenOf(clientId);
    const found = new Map((await this.stored.ofClient(clientId)).map((use) => [scopeUseId(use), use]));
    for (const use of unwritten) {
      const known = found.get(scopeUseId(use));
      if (known) addUse(known, use);
      else found.set(scopeUseId(use), { ...use });
    }
    return [...found.values()].sort((one, other) => other.lastUsedAt - one.lastUsedAt);
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

const unusedView = ({ id, name }: UsingClient, days: number, compared: Comparison): JsonObject => {
  const { watchedSince, granted, unused } = compared;
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
};

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
