import { isOwnType } from '../../../packages/protocol/src/own-type.js';
import { ALL, formatScopeItem, type ScopeItem } from '../../../packages/protocol/src/scope-item.js';
import { type Client, permitsAudience } from '../../clients/client.js';
import type { Policy, Rule } from '../../policies/policy.js';
import { allowRulesOf, denyRulesOf, RuleCover } from '../../policies/rule-cover.js';
import type { Catalog } from '../../resources/catalog.js';

const MAX_GRANTED = 1000;
/** Items that are looked at, denied and repeated ones included. */
const MAX_READ = 20_000;
const ITEMS_PER_STEP = 64;

export interface GrantedItem extends ScopeItem {
  /** The last change of the oldest policy that grants it. */
  grantedAt: number;
}

export interface GrantedItems {
  /** By their text. */
  items: Map<string, GrantedItem>;
  /** There are more. */
  truncated: boolean;
}

/** Everything that the rules grant on registered resources, by operation; not the rights on this server. To run in slices. */
export function* grantedItems(
  policies: readonly Policy[],
  client: Pick<Client, 'clientCredentials'>,
  catalog: Catalog,
): Generator<void, GrantedItems> {
  const denied = new RuleCover(policies.flatMap(denyRulesOf));
  const items = new Map<string, GrantedItem>();
  let read = 0;
  for (const policy of policies) {
    for (const rule of allowRulesOf(policy)) {
      for (const item of itemsOf(rule, client, catalog)) {
        if (items.size === MAX_GRANTED || ++read > MAX_READ) return { items, truncated: true };
        if (read % ITEMS_PER_STEP === 0) yield;
        const text = formatScopeItem(item);
        const grantedAt = Math.min(policy.updatedAt, items.get(text)?.grantedAt ?? policy.updatedAt);
        if (!denied.coversItem(item)) items.set(text, { ...item, grantedAt });
      }
    }
    yield;
  }
  return { items, truncated: false };
}

/** The operations of the rule on each resource that it names, those of `*` included. */
function* itemsOf(
  { resource, identifier, operations }: Rule,
  client: Pick<Client, 'clientCredentials'>,
  catalog: Catalog,
): Generator<ScopeItem> {
  const named = resource === ALL ? catalog.all() : [catalog.find(resource)];
  for (const one of named) {
    if (!one || isOwnType(one.id) || !permitsAudience(client, catalog.audienceOf(one))) continue;
    const names = operations.includes(ALL) ? one.operations.map(({ name }) => name) : operations;
    for (const operation of names) {
      if (catalog.hasOperation(one.id, operation)) yield { resource: one.id, identifier, operation };
    }
  }
}
