import type { Client } from '../../clients/client.js';
import { appliesTo, type Policy } from '../../policies/policy.js';
import type { Catalog } from '../../resources/catalog.js';

/** What decides on a client in one configuration; null: the client does not exist. */
export interface Standing {
  client: Client | null;
  policies: readonly Policy[];
  catalog: Catalog;
}

/** The policies of one configuration by client. */
export class PolicySet {
  private readonly byClient = new Map<string, Policy[]>();
  private readonly forEveryone: Policy[] = [];

  /** To run in slices. */
  static *of(policies: Iterable<Policy>): Generator<void, PolicySet> {
    const set = new PolicySet();
    for (const policy of policies) {
      set.add(policy);
      yield;
    }
    return set;
  }

  ofClient(clientId: string): Policy[] {
    const shared = this.forEveryone.filter((policy) => appliesTo(policy, clientId));
    return [...shared, ...(this.byClient.get(clientId) ?? [])];
  }

  private add(policy: Policy): void {
    if (policy.everyone) this.forEveryone.push(policy);
    for (const id of policy.clientIds) {
      const own = this.byClient.get(id);
      if (own) own.push(policy);
      else this.byClient.set(id, [policy]);
    }
  }
}

/** The stored configuration and a proposed one, as far as they differ for clients. */
export interface Configurations {
  stored: { policies: PolicySet; catalog: Catalog };
  proposed: { policies: PolicySet; catalog: Catalog };
  /** The clients that the proposal writes, as it leaves them. */
  written: ReadonlyMap<string, Client | null>;
  /** The resources that the proposal writes, and those whose names it may change the meaning of. */
  resources: ReadonlySet<string>;
  /** The clients for which something may differ; undefined: any. */
  concerned: ReadonlySet<string> | undefined;
}
