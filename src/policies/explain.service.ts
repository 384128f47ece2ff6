import { Injectable } from '@nestjs/common';
import type { ScopeItem } from '../../packages/protocol/src/scope-item.js';
import { type Client, permitsAudience } from '../clients/client.js';
import { isValid } from '../clients/client-validity.js';
import { ClientsRepository } from '../clients/clients.repository.js';
import { ResourceCatalog } from '../resources/resource-catalog.js';
import { betweenSlices, inSlices } from '../runtime/slices.js';
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
  async explain(client: Client, query: ScopeQuery, drafts?: readonly Policy[]): Promise<ExplainedDraft[]> {
    const context = contextFor(client, query, await this.catalog.current());
    const saved = await this.policies.ofClient(client.id);
    const explained = async (policies: readonly Policy[]) => {
      const items = await inSlices(explainBy(policies, query.items, context));
      return mayRequest(client, query) ? items : items.map(outsideOfList);
    };
    const today = await explained(saved);
    if (!drafts) return today;
    const replaced = new Set(drafts.map(({ id }) => id));
    const stored = await this.policies.findMany([...replaced]);
    const excluded = new Map(stored.map(({ id, exceptIds }) => [id, exceptIds]));
    const reaching = drafts.filter((draft) =>
      appliesTo({ ...draft, exceptIds: excluded.get(draft.id) ?? [] }, client.id),
    );
    const drafted = await explained([...saved.filter(({ id }) => !replaced.has(id)), ...reaching]);
    return drafted.map((item, position) => ({ ...item, grantedNow: today[position]?.granted ?? false }));
  }

  /** The items that no policy could grant, because they are malformed or not registered. */
  async ungrantable(query: ScopeQuery): Promise<ExplainedItem[]> {
    const context = await this.contextOf(query);
    return inSlices(ungrantableOf(query.items, context));
  }

  /** The ids of the active clients that would get this item. */
  async whoCan(query: ScopeQuery): Promise<string[]> {
    const context = await this.contextOf(query);
    // A client that is granted all items has a policy that covers the first one.
    const [first] = query.items.slice(0, 1).flatMap((item) => meaningOf(item, context));
    const policies = await this.policies.all();
    const forEveryone = policies.filter(({ everyone }) => everyone);
    const reaching = first ? await inSlices(policiesThatReach(policies, first)) : [];
    const ids = new Set(reaching.flatMap(({ clientIds }) => clientIds));
    const candidates = reaching.some(({ everyone }) => everyone)
      ? this.clients.pages()
      : this.clients.pagesOf([...ids].sort());
    const ofClient = await inSlices(byClient(policies));
    const grants = memoized(async (own, client) => {
      await betweenSlices();
      return inSlices(grantsAll(own, query.items, contextFor(client, query, context.catalog)));
    });
    const found: string[] = [];
    for await (const page of candidates) {
      for (const client of page) {
        if (!isServed(client) || !mayRequest(client, query)) continue;
        const shared = forEveryone.filter((policy) => appliesTo(policy, client.id));
        if (await grants([...shared, ...(ofClient.get(client.id) ?? [])], client)) found.push(client.id);
      }
    }
    return found;
  }

  private async contextOf({ audiences }: ScopeQuery): Promise<DecisionContext> {
    const catalog = await this.catalog.current();
    return audiences ? { catalog, audiences } : { catalog };
  }
}

function* byClient(policies: readonly Policy[]): Generator<void, Map<string, Policy[]>> {
  const found = new Map<string, Policy[]>();
  for (const policy of policies) {
    for (const id of policy.clientIds) {
      const own = found.get(id);
      if (own) own.push(policy);
      else found.set(id, [policy]);
    }
    yield;
  }
  return found;
}

/** The policies with a rule that covers this item. One question of a policy needs no index of its rules. */
function* policiesThatReach(policies: readonly Policy[], item: ScopeItem): Generator<void, Policy[]> {
  const reaching: Policy[] = [];
  for (const policy of policies) {
    if (new CompiledPolicies([policy], Number.POSITIVE_INFINITY).covering(item)) reaching.push(policy);
    yield;
  }
  return reaching;
}

function* explainBy(
  policies: readonly Policy[],
  items: readonly string[],
  context: DecisionContext,
): Generator<void, ExplainedItem[]> {
  const compiled = new CompiledPolicies(policies);
  yield;
  return yield* explain(compiled, items, context);
}

function* ungrantableOf(
  items: readonly string[],
  context: DecisionContext,
): Generator<void, ExplainedItem[]> {
  const nothing = new CompiledPolicies([]);
  const found: ExplainedItem[] = [];
  for (const item of items) {
    found.push(...decide(nothing, [item], context).filter(({ reason }) => reason !== 'no_rule'));
    yield;
  }
  return found;
}

function* grantsAll(
  policies: readonly Policy[],
  items: readonly string[],
  context: DecisionContext,
): Generator<void, boolean> {
  const compiled = new CompiledPolicies(policies);
  yield;
  for (const item of items) {
    if (!decide(compiled, [item], context).every(({ granted }) => granted)) return false;
    yield;
  }
  return true;
}

type Grants = (own: readonly Policy[], client: Client) => Promise<boolean>;

/** Memoizes by policies and audience list, because clients with the same ones get the same decision. */
function memoized(decision: Grants): Grants {
  const results = new Map<string, Promise<boolean>>();
  return (own, client) => {
    const key = JSON.stringify([own.map(({ id }) => id), client.clientCredentials.audience]);
    const result = results.get(key) ?? decision(own, client);
    results.set(key, result);
    return result;
  };
}

/** As for a token: within the audiences of the question, or else within those that the client lists. */
const contextFor = (
  { clientCredentials }: Client,
  { audiences }: ScopeQuery,
  catalog: DecisionContext['catalog'],
): DecisionContext => (audiences ? { catalog, audiences } : { catalog, limit: clientCredentials.audience });

/** Whether it is granted anything at the token endpoint. */
export const isServed = (client: Client): boolean =>
  isValid(client) && client.grantTypes.includes('client_credentials');

/** Whether the client's own list permits every audience of the question. */
const mayRequest = (client: Client, { audiences = [] }: ScopeQuery): boolean =>
  audiences.every((audience) => permitsAudience(client, audience));

const REGISTERED: ReadonlySet<string> = new Set(['granted', 'no_rule', 'denied']);

const outsideOfList = ({ scope, granted, reason }: ExplainedItem): ExplainedItem =>
  REGISTERED.has(reason) ? { scope, granted: false, reason: 'wrong_audience' } : { scope, granted, reason };
