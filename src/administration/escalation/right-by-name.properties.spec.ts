import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Policy, Rule } from '../../policies/policy.js';
import { inOrder } from '../../policies/policy-order.js';
import { isPermitted, judgeOf } from './judged-world.arbitrary.js';
import type { World } from './random-world.arbitrary.js';

const rule = (effect: Rule['effect'], resource: string, identifier: string): Rule => ({
  effect,
  resource,
  identifier,
  operations: ['*'],
});

const aPolicy = (id: string, now: number, everyone: boolean, ...rules: Rule[]): Policy => ({
  id,
  version: 1,
  createdAt: now,
  updatedAt: now,
  engine: 'rules',
  everyone,
  exceptIds: [],
  clientIds: everyone ? [] : ['caller'],
  rules,
});

/** Policies in the order in which the repository stores them. */
class History {
  private readonly policies = new Map<string, Policy>();

  write(policy: Policy): void {
    const stored = [...this.policies.values()];
    const latest = {
      created: Math.max(0, ...stored.map(({ createdAt }) => createdAt)),
      begun: Math.max(0, ...stored.map(({ deniesEveryoneSince }) => deniesEveryoneSince ?? 0)),
    };
    this.policies.set(policy.id, inOrder(policy, this.policies.get(policy.id) ?? null, latest));
  }

  remove(id: string): void {
    this.policies.delete(id);
  }

  /** Whether the caller may make this change of a policy; null: delete it. */
  async permits(id: string, after: Policy | null): Promise<boolean> {
    const world: World = {
      resources: [],
      policies: [...this.policies.values()],
      lists: {},
      setting: 'policy',
      live: {},
    };
    const { guard, writer } = judgeOf(world, undefined);
    const before = this.policies.get(id) ?? null;
    return isPermitted(guard.assertPolicyChange(writer, { before, after }));
  }
}

/** What the administrator and the caller do; the processes that serve them have clocks of their own. */
const aStep = fc.record({
  kind: fc.constantFrom('deny', 'harmless', 'remove', 'claim', 'grant', 'touch'),
  clock: fc.nat({ max: 4 }),
});

it('lets a deny for everyone be lifted by a right by name only if the right was given since it began (fault A11)', {
  timeout: 120_000,
}, async () => {
  const lifted = { yes: 0, no: 0 };
  const check = fc.asyncProperty(fc.array(aStep, { minLength: 2, maxLength: 8 }), async (steps) => {
    const history = new History();
    history.write(aPolicy('rights', 0, false, rule('allow', '*', '*'), rule('allow', 'AccessPolicy', '*')));
    let isDenying = false;
    let rights: string[] = [];
    let made = 0;
    for (const { kind, clock } of steps) {
      const id = `right-${++made}`;
      const named = aPolicy(id, clock, false, rule('allow', 'AccessPolicy', 'x'));
      if (kind === 'deny') history.write(aPolicy('x', clock, true, rule('deny', 'book', '1')));
      if (kind === 'harmless') history.write(aPolicy('x', clock, false, rule('allow', 'book', '1')));
      if (kind === 'remove') history.remove('x');
      if (kind === 'claim' && (await history.permits(id, named))) history.write(named);
      if (kind === 'grant') history.write(named);
      if (kind === 'touch') history.write({ ...named, id: `right-${made - 1}`, updatedAt: clock + 9 });
      if (kind === 'harmless' || kind === 'remove') rights = [];
      isDenying = kind === 'deny' || (isDenying && kind !== 'harmless' && kind !== 'remove');
      if (isDenying && kind === 'grant') rights.push(id);
      // What touches no earlier policy creates one.
      if (isDenying && kind === 'touch' && steps[made - 2]?.kind !== 'grant')
        rights.push(`right-${made - 1}`);
      if (!isDenying) continue;
      const isPermittedToLift = await history.permits('x', null);
      expect(isPermittedToLift).toBe(rights.length > 0);
      lifted[isPermittedToLift ? 'yes' : 'no']++;
    }
  });
  await fc.assert(check, { numRuns: 2000 });
  expect(Math.min(lifted.yes, lifted.no)).toBeGreaterThan(100);
});
