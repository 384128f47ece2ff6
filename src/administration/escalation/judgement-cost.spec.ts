import { describe, expect, it } from 'vitest';
import type { Policy, Rule } from '../../policies/policy.js';
import type { Resource } from '../../resources/resource.js';
import { judgeOf } from './judged-world.arbitrary.js';
import { catalogOf, rightsOn, type World } from './random-world.arbitrary.js';

const stamp = { version: 1, createdAt: 0, updatedAt: 0 };
const CLIENTS = 400;
const NAMES = 9500;

const many = <T>(length: number, item: (n: number) => T): T[] => Array.from({ length }, (_, n) => item(n));
const names = (length: number, prefix: string) => many(length, (n) => ({ name: `${prefix}-${n}` }));

const resource = (id: string, audience: string, operations: { name: string }[]): Resource => ({
  ...stamp,
  id,
  audience,
  name: null,
  operations,
  introspectionClients: [],
  token: {},
});

const rule = (effect: Rule['effect'], ...[on = '', identifier = '', ...operations]: string[]): Rule => ({
  effect,
  resource: on,
  identifier,
  operations,
});

const policy = (id: string, clientIds: string[], rules: Rule[]): Policy => ({
  ...stamp,
  id,
  engine: 'rules',
  everyone: false,
  exceptIds: [],
  clientIds,
  rules,
});

const clients = many(CLIENTS, (n) => `client-${n}`);

const worldOf = (resources: Resource[], policies: Policy[]): World => ({
  resources,
  policies: [...policies, rightsOn(resources.map(({ id }) => id))],
  lists: {},
  live: {},
  setting: 'policy',
});

function write(world: World, id: string, change: Partial<Resource>): Promise<void> {
  const { guard, writer } = judgeOf(world, undefined);
  const catalog = catalogOf(world);
  const before = catalog.find(id) as Resource;
  return guard.assertResourceChange(writer, { before, after: { ...before, ...change } }, catalog);
}

describe('Judging a write of a resource', () => {
  it('tries no denied identifier of another rule: 400 clients, each with a policy, and 4,800 denies', async () => {
    const small = resource('small', 'urn:small', [{ name: 'read' }]);
    const own = clients.map((id) => policy(`own-${id}`, [id], [rule('allow', 'small', id, 'read')]));
    const denies = many(4800, (n) => rule('deny', 'small', `${n}`, 'read'));
    const world = worldOf([small], [...own, policy('denies', clients, denies)]);
    await expect(write(world, 'small', { audience: 'urn:moved' })).resolves.toBeUndefined();
  });

  it('tries no operation that every rule is denied: 2,000 identifiers, 9,500 operations', async () => {
    const wide = resource('wide', 'urn:wide', names(NAMES, 'a'));
    const rules = many(2000, (n) => [rule('allow', 'wide', `${n}`, '*'), rule('deny', 'wide', `${n}`, '*')]);
    const world = worldOf([wide], [policy('closed', clients, rules.flat())]);
    await expect(write(world, 'wide', { operations: names(NAMES, 'b') })).resolves.toBeUndefined();
  });

  it('tries names of the written resource alone for no client', async () => {
    const wide = resource('wide', 'urn:wide', names(NAMES, 'a'));
    const other = resource('other', 'urn:wide', [{ name: 'read' }]);
    const own = clients.map((id) =>
      policy(`own-${id}`, [id], [rule('allow', '*', '*', '*'), rule('deny', 'wide', id, 'a-1')]),
    );
    const world = worldOf([wide, other], own);
    await expect(write(world, 'wide', { operations: names(NAMES, 'b') })).resolves.toBeUndefined();
  });

  it('is refused where it takes too many decisions', async () => {
    const wide = resource('wide', 'urn:wide', names(NAMES, 'a'));
    const twin = resource('twin', 'urn:wide', [...names(NAMES, 'a'), ...names(NAMES, 'b')]);
    const own = clients.map((id) => policy(`own-${id}`, [id], [rule('allow', 'twin', '*', `a-1`, id)]));
    const world = worldOf([wide, twin], own);
    await expect(write(world, 'wide', { operations: names(NAMES, 'b') })).rejects.toThrow(
      'what this would let clients have takes too long to determine: change fewer operations at once, or let an administrator of every own type write it',
    );

    const few = [...names(NAMES, 'a').slice(0, NAMES - 9), ...names(9, 'b')];
    await expect(write(world, 'wide', { operations: few })).resolves.toBeUndefined();
  });
});
