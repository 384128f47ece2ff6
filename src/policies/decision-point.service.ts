import { Injectable } from '@nestjs/common';
import { ALL, formatScopeItem, type ScopeItem } from '../../packages/protocol/src/scope-item.js';
import { ClientRegistry } from '../clients/client-registry.js';
import { ScopeUseCounts } from '../clients/scope-use/scope-use-counts.js';
import { MAX_SCOPE_ITEM_LENGTH } from '../protocol/scope.js';
import type { Catalog } from '../resources/catalog.js';
import { ResourceCatalog } from '../resources/resource-catalog.js';
import type { CompiledPolicies } from './compiled-policies.js';
import { CompiledPolicyCache } from './compiled-policy-cache.js';
import { type DecisionContext, decide, type ItemDecision } from './decision.js';
import { ExplainService, isServed } from './explain.service.js';

/** A decision on a question; `unknown_subject`: no active client that may request tokens has this id. */
export type PointDecision =
  | Omit<ItemDecision, 'scope'>
  | { granted: false; reason: 'unknown_subject'; policy?: undefined; rule?: undefined };

/** The basis of the decision on a client's token request without an audience. */
interface Basis {
  policies: CompiledPolicies;
  context: DecisionContext;
}

/** Answers single questions as the token endpoint decides them, for callers that enforce the answers themselves. */
@Injectable()
export class DecisionPoint {
  constructor(
    private readonly clients: ClientRegistry,
    private readonly compiled: CompiledPolicyCache,
    private readonly catalog: ResourceCatalog,
    private readonly explanations: ExplainService,
    private readonly uses: ScopeUseCounts,
  ) {}

  async decide(clientId: string, item: ScopeItem): Promise<PointDecision> {
    const basis = await this.basisOf(clientId);
    if (!basis) return { granted: false, reason: 'unknown_subject' };
    const decision = decideItem(basis, item);
    if (decision.granted) this.uses.verified(clientId, item);
    return decision;
  }

  /** The clients that would be granted this item, by id. */
  async clientsFor(item: ScopeItem): Promise<string[]> {
    if (!isWritable(item)) return [];
    return this.explanations.whoCan({ items: [formatScopeItem(item)] });
  }

  /** `*` if the operation is granted on every identifier, and those that rules name on which it is. */
  async identifiersFor(clientId: string, resource: string, operation: string): Promise<string[]> {
    const basis = await this.basisOf(clientId);
    if (!basis) return [];
    const named = [ALL, ...basis.policies.identifiersOf(resource, operation)];
    const granted = named.filter(
      (identifier) => decideItem(basis, { resource, identifier, operation }).granted,
    );
    return [...new Set(granted)].sort();
  }

  /** The operations of the resource that are granted on this identifier. */
  async operationsFor(clientId: string, resource: string, identifier: string): Promise<string[]> {
    const basis = await this.basisOf(clientId);
    const registered = basis?.context.catalog.find(resource);
    if (!basis || !registered) return [];
    return registered.operations
      .map(({ name }) => name)
      .filter((operation) => decideItem(basis, { resource, identifier, operation }).granted)
      .sort();
  }

  private async basisOf(clientId: string): Promise<Basis | undefined> {
    const found = await this.clients.find(clientId);
    if (!found || !isServed(found.client)) return undefined;
    const catalog: Catalog = await this.catalog.current();
    const policies = await this.compiled.ofClient(clientId);
    return { policies, context: { catalog, limit: found.client.clientCredentials.audience } };
  }
}

function decideItem({ policies, context }: Basis, item: ScopeItem): PointDecision {
  if (!isWritable(item)) return { granted: false, reason: 'malformed' };
  const [decision] = decide(policies, [formatScopeItem(item)], context);
  if (!decision) throw new Error('an item has one decision');
  const { scope: _, ...outcome } = decision;
  return outcome;
}

/** As a token request can ask for it: a part with a colon or a space would be read as another item. */
const isWritable = (item: ScopeItem): boolean =>
  [item.resource, item.identifier, item.operation].every((part) => PART.test(part)) &&
  formatScopeItem(item).length <= MAX_SCOPE_ITEM_LENGTH;

const PART = /^[\x21\x23-\x39\x3B-\x5B\x5D-\x7E]+$/;
