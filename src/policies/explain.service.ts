import { Injectable } from '@nestjs/common';
import type { ScopeItem } from '../../packages/protocol/src/scope-item.js';
import type { Client } from '../clients/client.js';
import { ClientsRepository } from '../clients/clients.repository.js';
import { ResourceCatalog } from '../resources/resource-catalog.js';
import { inSlices } from '../runtime/slices.js';
import { CompiledPolicies } from './compiled-policies.js';
import { type DecisionContext, decide, meaningOf } from './decision.js';
import { type ExplainedItem, explain } from './explanation.js';
import { PoliciesRepository } from './policies.repository.js';
import { appliesTo, type Policy } from './policy.js';

export interface ScopeQuery {
  items: readonly string[];
  audiences?: readonly string[];
}

/** An explained item; with drafts, also whether it is granted without them. */
export type ExplainedDraft = ExplainedItem & { grantedNow?: boolean };

/** Explains to an administrator why a client gets an item or not, what drafts would change, and which clients get an item. */
@Injectable()
export class ExplainService {
  constructor(
    private readonly policies: PoliciesRepository,
    private readonly clients: ClientsRepository,
    private readonly catalog: ResourceCatalog,
  ) {}

  /** A draft replaces the policy with its id, or is added. */
  async explain(clientId: string, query: ScopeQuery, drafts?: readonly Policy[]): Promise<ExplainedDraft[]> {
    const context = await this.contextOf(query);
    const saved = await this.policies.ofClient(clientId);
    const today = await inSlices(explain(new CompiledPolicies(saved), query.items, context));
    if (!drafts) return today;
    const replaced = new Set(drafts.map(({ id }) => id));
    const stored = await this.policies.findMany([...replaced]);
    const excluded = new Map(stored.map(({ id, exceptIds }) => [id, exceptIds]));
    const reaching = drafts.filter((draft) =>
      appliesTo({ ...draft, exceptIds: excluded.get(draft.id) ?? [] }, clientId),
    );
    const planned = [...saved.filter(({ id }) => !replaced.has(id)), ...reaching];
    const drafted = await inSlices(explain(new CompiledPolicies(planned), query.items, context));
    return drafted.map((item, position) => ({ ...item, grantedNow: today[position]?.granted ?? false }));
  }

  /** The items that no policy could grant, because they are malformed or not registered. */
  async ungrantable(query: ScopeQuery): Promise<ExplainedItem[]> {
    const context = await this.contextOf(query);
    return decide(new CompiledPolicies([]), query.items, context).filter(
      ({ reason }) => reason !== 'no_rule',
    );
  }

  /** The ids of the active clients that would get this item. */
  async whoCan(query: ScopeQuery): Promise<string[]> {
    const context = await this.contextOf(query);
    const meant = query.items.flatMap((item) => meaningOf(item, context));
    const policies = await this.policies.all();
    const forEveryone = policies.filter(({ everyone }) => everyone);
    const reaching = await inSlices(policiesThatReach(policies, meant));
    const ids = new Set(reaching.flatMap(({ clientIds }) => clientIds));
    const candidates = reaching.some(({ everyone }) => everyone)
      ? this.clients.pages()
      : this.clients.pagesOf([...ids].sort());
    const ofClient = byClient(policies);
    const grants = memoized((own) => inSlices(grantsAll(new CompiledPolicies(own), query.items, context)));
    const found: string[] = [];
    for await (const page of candidates) {
      for (const client of page) {
        if (!mayRequest(client, query)) continue;
        const shared = forEveryone.filter((policy) => appliesTo(policy, client.id));
        if (await grants([...shared, ...(ofClient.get(client.id) ?? [])])) found.push(client.id);
      }
    }
    return found;
  }

  private async contextOf({ audiences }: ScopeQuery): Promise<DecisionContext> {
    const catalog = await this.catalog.current();
    return audiences ? { catalog, audiences } : { catalog };
  }
}

function byClient(policies: readonly Policy[]): Map<string, Policy[]> {
  const found = new Map<string, Policy[]>();
  for (const policy of policies) {
    for (const id of policy.clientIds) {
      const own = found.get(id);
      if (own) own.push(policy);
      else found.set(id, [policy]);
    }
  }
  return found;
}

/** The policies with a rule that covers any of these items. */
function* policiesThatReach(
  policies: readonly Policy[],
  items: readonly ScopeItem[],
): Generator<void, Policy[]> {
  const reaching: Policy[] = [];
  for (const policy of policies) {
    const compiled = new CompiledPolicies([policy]);
    for (const item of items) {
      const covers = compiled.covering(item) !== undefined;
      if (covers) reaching.push(policy);
      yield;
      if (covers) break;
    }
  }
  return reaching;
}

function* grantsAll(
  policies: CompiledPolicies,
  items: readonly string[],
  context: DecisionContext,
): Generator<void, boolean> {
  for (const item of items) {
    if (!decide(policies, [item], context).every(({ granted }) => granted)) return false;
    yield;
  }
  return true;
}

/** Memoizes by policies, because clients with the same policies get the same decision. */
function memoized(
  decision: (own: readonly Policy[]) => Promise<boolean>,
): (own: readonly Policy[]) => Promise<boolean> {
  const results = new Map<string, Promise<boolean>>();
  return (own) => {
    const key = own.map(({ id }) => id).join(' ');
    const result = results.get(key) ?? decision(own);
    results.set(key, result);
    return result;
  };
}

function mayRequest(
  { active, grantTypes, clientCredentials }: Client,
  { audiences = [] }: ScopeQuery,
): boolean {
  const { audience: listed } = clientCredentials;
  return (
    active &&
    grantTypes.includes('client_credentials') &&
    audiences.every((audience) => !listed || listed.includes(audience))
  );
}
