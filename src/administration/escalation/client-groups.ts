import { CompiledPolicies } from '../../policies/compiled-policies.js';
import type { Policy, Rule } from '../../policies/policy.js';
import { allowRulesOf, byResource, denyRulesOf } from '../../policies/rule-cover.js';
import type { RuleLayer } from './layered-policies.js';

/** The rules of a policy on some resources, compiled once for all policies with the same rules. */
export interface PolicyLayer extends RuleLayer {
  denies: ReadonlyMap<string, readonly Rule[]>;
}

/** Clients to which the same rules apply. The id '' represents those that no policy names. */
export interface ClientGroup {
  layers: readonly PolicyLayer[];
  clientIds: readonly string[];
}

/** All clients, grouped by the rules on some resources that apply to them. */
export class ClientGroups {
  private constructor(
    /** The group of the clients that no policy names comes first. */
    readonly all: readonly ClientGroup[],
    private readonly byClient: ReadonlyMap<string, ClientGroup>,
    readonly layers: readonly PolicyLayer[],
  ) {}

  of(clientId: string): ClientGroup {
    return this.byClient.get(clientId) ?? (this.byClient.get('') as ClientGroup);
  }

  /** The policies have only rules on these resources. Run in slices. */
  static *of(policies: readonly Policy[]): Generator<void, ClientGroups> {
    const layers = new Layers();
    const forEveryone = new Set<number>();
    const limited: [number, ReadonlySet<string>][] = [];
    const linked = new Map<string, Set<number>>([['', new Set()]]);
    for (const policy of policies) {
      const layer = layers.numberOf(policy);
      yield;
      if (policy.everyone && policy.exceptIds.length === 0) forEveryone.add(layer);
      if (policy.everyone && policy.exceptIds.length > 0) limited.push([layer, new Set(policy.exceptIds)]);
      for (const id of [...policy.clientIds, ...policy.exceptIds]) {
        const applying = linked.get(id) ?? new Set();
        linked.set(id, policy.everyone ? applying : applying.add(layer));
        yield;
      }
    }
    const groups = new Map<string, { layers: PolicyLayer[]; clientIds: string[] }>();
    const byClient = new Map<string, ClientGroup>();
    for (const [id, applying] of linked) {
      for (const [layer, excluded] of limited) if (!excluded.has(id)) applying.add(layer);
      const own = [...applying].filter((layer) => !forEveryone.has(layer)).sort((a, b) => a - b);
      const key = own.join(' ');
      const group = groups.get(key) ?? { layers: layers.at([...forEveryone, ...own]), clientIds: [] };
      group.clientIds.push(id);
      groups.set(key, group);
      byClient.set(id, group);
      yield;
    }
    return new ClientGroups([...groups.values()], byClient, layers.all);
  }
}

/** A layer for each distinct list of rules. */
class Layers {
  readonly all: PolicyLayer[] = [];
  private readonly numbers = new Map<string, number>();

  numberOf(policy: Policy): number {
    const key = JSON.stringify([policy.engine, policy.rules]);
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    this.numbers.set(key, this.all.length);
    return (
      this.all.push({
        compiled: new CompiledPolicies([policy]),
        allows: byResource(allowRulesOf(policy)),
        denies: byResource(denyRulesOf(policy)),
      }) - 1
    );
  }

  at(numbers: readonly number[]): PolicyLayer[] {
    return numbers.map((number) => this.all[number] as PolicyLayer);
  }
}
