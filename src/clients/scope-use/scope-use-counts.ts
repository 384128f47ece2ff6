import { Injectable } from '@nestjs/common';
import type { ScopeItem } from '../../../packages/protocol/src/scope-item.js';
import { nowMilliseconds } from '../../runtime/clock.js';
import type { ScopeUse } from './scope-use.js';

/** Items of clients that are found without a new object; then all are found anew. */
const MAX_FOUND = 50_000;
/** Counted at once; further ones are not, until the next write. */
const MAX_PENDING = 50_000;
const MAX_PENDING_OF_TOKENS = 100_000;

/** The uses of the items of tokens with equal terms, which an introspection shows together. */
export class TokenUses {
  count = 0;
  usedAt = 0;

  constructor(readonly uses: readonly ScopeUse[]) {}
}

type ByIdentifier = Map<string, ScopeUse>;
type ByOperation = Map<string, ByIdentifier>;
type ByResource = Map<string, ByOperation>;

/** Counts uses in memory: a request increments a counter, and allocates only for an item that is new. */
@Injectable()
export class ScopeUseCounts {
  private exact = new Map<string, ByResource>();
  private folded = new Map<string, ByResource>();
  private found = 0;
  private pending: ScopeUse[] = [];
  private pendingTokens: TokenUses[] = [];
  private pendingOfTokens = 0;

  verified(clientId: string, item: ScopeItem, folded = false): void {
    const use = this.find(clientId, item, folded);
    if (isUnused(use) && !this.begin(use, nowMilliseconds())) return;
    use.verified++;
  }

  /** To be counted together, as often as they are introspected. */
  ofToken(clientId: string, items: readonly ScopeItem[], folded = false): TokenUses {
    return new TokenUses(items.map((item) => this.find(clientId, item, folded)));
  }

  introspected(token: TokenUses): void {
    if (token.count === 0) {
      if (token.uses.length === 0) return;
      if (this.pendingOfTokens + token.uses.length > MAX_PENDING_OF_TOKENS) return;
      this.pendingOfTokens += token.uses.length;
      this.pendingTokens.push(token);
      token.usedAt = nowMilliseconds();
    }
    token.count++;
  }

  /** Whether nothing was counted since the last `take`. */
  get empty(): boolean {
    return this.pending.length + this.pendingTokens.length === 0;
  }

  /** The uses since the last call, which are counted from zero again. One item may be among them twice. */
  take(): ScopeUse[] {
    for (const token of this.pendingTokens) this.spread(token);
    this.pendingTokens = [];
    this.pendingOfTokens = 0;
    const taken = this.pending.map((use) => ({ ...use }));
    for (const use of this.pending) use.verified = use.introspected = 0;
    this.pending = [];
    if (this.found > MAX_FOUND) this.forget();
    return taken;
  }

  /** Those of one client that are not taken yet. */
  ofClient(clientId: string): ScopeUse[] {
    const uses = this.pending.filter((use) => use.clientId === clientId).map((use) => ({ ...use }));
    for (const { uses: together, count, usedAt } of this.pendingTokens) {
      if (together[0]?.clientId !== clientId) continue;
      for (const use of together)
        uses.push({ ...use, firstUsedAt: usedAt, lastUsedAt: usedAt, verified: 0, introspected: count });
    }
    return uses;
  }

  private spread(token: TokenUses): void {
    for (const use of token.uses) {
      if (isUnused(use) && !this.begin(use, token.usedAt)) continue;
      use.lastUsedAt = Math.max(use.lastUsedAt, token.usedAt);
      use.introspected += token.count;
    }
    token.count = 0;
  }

  private begin(use: ScopeUse, now: number): boolean {
    if (this.pending.length >= MAX_PENDING) return false;
    use.firstUsedAt = use.lastUsedAt = now;
    this.pending.push(use);
    return true;
  }

  private find(clientId: string, { resource, identifier, operation }: ScopeItem, folded: boolean): ScopeUse {
    const clients = folded ? this.folded : this.exact;
    const known = clients.get(clientId)?.get(resource)?.get(operation)?.get(identifier);
    if (known) return known;
    if (this.found > MAX_FOUND) this.forget();
    this.found++;
    const counts = { firstUsedAt: 0, lastUsedAt: 0, verified: 0, introspected: 0 };
    const use = { clientId, resource, identifier, operation, folded, ...counts };
    const operations = child(child(folded ? this.folded : this.exact, clientId), resource);
    child(operations, operation).set(identifier, use);
    return use;
  }

  private forget(): void {
    this.exact = new Map();
    this.folded = new Map();
    this.found = 0;
  }
}

const isUnused = ({ verified, introspected }: ScopeUse): boolean => verified + introspected === 0;

function child<V>(parent: Map<string, Map<string, V>>, key: string): Map<string, V> {
  let found = parent.get(key);
  if (!found) {
    found = new Map();
    parent.set(key, found);
  }
  return found;
}
