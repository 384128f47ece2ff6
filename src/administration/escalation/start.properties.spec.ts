import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { PoliciesRepository } from '../../policies/policies.repository.js';
import { appliesTo, type Policy } from '../../policies/policy.js';
import { denyRulesOf } from '../../policies/rule-cover.js';
import { AdministrationGrant } from '../administrators/administration-grant.js';
import { difference } from './carried-tokens.arbitrary.js';
import { aWorld } from './random-world.arbitrary.js';

const ADMINISTRATOR = 'x';
/** Policies with these ids belong to the start, whatever was stored under them. */
const IDS: Readonly<Record<string, string>> = { p: ADMINISTRATOR, q: `${ADMINISTRATOR}-administration` };
const OWN_IDS = Object.values(IDS);

/** Policies in memory. */
class StoredPolicies {
  readonly byId: Map<string, Policy>;

  constructor(policies: readonly Policy[]) {
    this.byId = new Map(policies.map((policy) => [policy.id, policy]));
  }

  async find(id: string): Promise<Policy | null> {
    return this.byId.get(id) ?? null;
  }

  async ofClient(clientId: string): Promise<Policy[]> {
    return [...this.byId.values()].filter((policy) => appliesTo(policy, clientId));
  }

  async save(policy: Policy): Promise<void> {
    this.byId.set(policy.id, policy);
  }

  async remove(id: string): Promise<void> {
    this.byId.delete(id);
  }
}

it('grants the administrator everything, and changes no grants or denies of other clients (fault A3)', {
  timeout: 120_000,
}, async () => {
  const check = fc.asyncProperty(aWorld, async (world) => {
    const { policies } = world;
    const stored = policies.map((policy) => ({ ...policy, id: IDS[policy.id] ?? policy.id }));
    const repository = new StoredPolicies(stored);
    const [trail, log] = [{ record: async () => {} }, { warn: () => {} }];
    const grant = new AdministrationGrant(
      repository as unknown as PoliciesRepository,
      trail as never,
      log as never,
    );
    await grant.give(ADMINISTRATOR, 'ensured_by_settings');
    expect(await grant.isHeldBy(ADMINISTRATOR)).toBe(true);
    // What the start's own policies granted to other clients ends; what they denied to others remains.
    const expected = stored.map((policy) =>
      OWN_IDS.includes(policy.id)
        ? { ...policy, engine: 'rules' as const, rules: denyRulesOf(policy) }
        : policy,
    );
    const { gained, lost } = difference(
      { ...world, policies: expected },
      { ...world, policies: [...repository.byId.values()] },
    );
    const ofOthers = (entries: string[]) => entries.filter((entry) => !entry.startsWith(`${ADMINISTRATOR} `));
    expect(ofOthers(gained)).toEqual([]);
    expect(ofOthers(lost)).toEqual([]);
  });
  await fc.assert(check, { numRuns: 1000 });
});
