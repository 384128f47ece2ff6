import { isOwnType } from '../../../packages/protocol/src/own-type.js';
import { type Client, permitsAudience } from '../../clients/client.js';
import { isValid } from '../../clients/client-validity.js';
import { CompiledPolicies } from '../../policies/compiled-policies.js';
import { decide } from '../../policies/decision.js';
import { type AskedItem, itemsOf } from './asked-items.js';
import type { Standing } from './configurations.js';
import { changedParts, termsOf } from './rule-parts.js';

/** At a few microseconds each. */
const MAX_ITEMS = 20_000;
/** Of each client; all are counted. */
const MAX_LISTED = 50;

/** A permission that a client gains or loses. */
export interface DifferingItem {
  /** As a token request names it; the bare name of an operation only together with its audience. */
  scope: string;
  /** That of the resource. */
  audience: string;
}

interface Differing {
  total: number;
  /** The first of them. */
  items: DifferingItem[];
}

export interface ClientDifference {
  lost: Differing;
  gained: Differing;
  /** Whether a token request of the client may be decided differently. */
  isConcerned: boolean;
  /** Whether every item that could differ was decided. */
  isComplete: boolean;
}

/** The items that may still be decided for one answer. */
export interface ItemBudget {
  left: number;
}

/** What a client gains and loses by a change of configuration: what it could be granted before and after. To run in slices. */
export function* differenceFor(
  stored: Standing,
  proposed: Standing,
  resources: ReadonlySet<string>,
  budget: ItemBudget,
): Generator<void, ClientDifference> {
  const parts = yield* changedParts(stored, proposed, resources);
  const before = new Decider(stored);
  yield;
  const after = new Decider(proposed);
  const difference: ClientDifference = {
    lost: { total: 0, items: [] },
    gained: { total: 0, items: [] },
    isConcerned:
      parts.length > 0 ||
      resources.size > 0 ||
      termsOf(stored.client) !== termsOf(proposed.client) ||
      before.hasAllowEngine !== after.hasAllowEngine,
    isComplete: true,
  };
  const decided = new Set<string>();
  for (const item of itemsOf(parts, stored, proposed)) {
    yield;
    const key = item && `${item.scope} ${item.audience ?? ''}`;
    if (item === undefined || key === undefined || decided.has(key)) continue;
    if (decided.size === MAX_ITEMS || budget.left === 0) return { ...difference, isComplete: false };
    decided.add(key);
    budget.left--;
    const had = before.audienceGranting(item);
    const has = after.audienceGranting(item);
    if (had !== undefined && has === undefined) add(difference.lost, item, had);
    if (had === undefined && has !== undefined) add(difference.gained, item, has);
  }
  return difference;
}

function add(differing: Differing, { scope }: AskedItem, audience: string): void {
  differing.total++;
  if (differing.items.length < MAX_LISTED) differing.items.push({ scope, audience });
}

/** Decides what a client can be granted in one configuration, as its token requests and its calls by Basic are decided. */
class Decider {
  private readonly policies: CompiledPolicies;
  private readonly client: Client | null;

  constructor(private readonly standing: Standing) {
    this.policies = new CompiledPolicies(standing.policies);
    this.client = standing.client && isValid(standing.client) ? standing.client : null;
  }

  get hasAllowEngine(): boolean {
    return this.policies.hasAllowEngine;
  }

  /** The audience of the resource; undefined: the item is not granted. */
  audienceGranting({ scope, resource: id, audience: named }: AskedItem): string | undefined {
    const { client } = this;
    const { catalog } = this.standing;
    const resource = catalog.find(id);
    if (!client || !resource) return undefined;
    const isByBasic = isOwnType(id) && client.grantTypes.includes('basic');
    if (!isByBasic && !client.grantTypes.includes('client_credentials')) return undefined;
    const audience = named ?? catalog.audienceOf(resource);
    if (!isByBasic && !permitsAudience(client, audience)) return undefined;
    if (named !== undefined && catalog.ownersOf(named, scope).length === 0) return undefined;
    const context = named === undefined ? { catalog } : { catalog, audiences: [named] };
    const isGranted = decide(this.policies, [scope], context).every(({ granted }) => granted);
    return isGranted ? audience : undefined;
  }
}
