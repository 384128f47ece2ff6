import { describe, expect, it } from 'vitest';
import type { ConfigurationRevision } from '../database/revisions/configuration-revision.js';
import type { RowReader, RowsLookup } from '../database/row-reader.js';
import { CompiledPolicyCache } from './compiled-policy-cache.js';
import { REACHING_POLICIES } from './deciding-policy.js';
import type { Rule } from './policy.js';

const read = (resource: string): Rule => ({
  effect: 'allow',
  resource,
  identifier: '*',
  operations: ['read'],
});

const item = (resource: string) => ({ resource, identifier: '1', operation: 'read' });

/** Stored policies, and who is linked to them. */
class Store {
  policies = new Map<string, { version: number; rules: Rule[]; clients: string[] }>();
  revision = 1;
  reads = 0;
  /** Happens once, after links have been read and before rules are. */
  meanwhile = () => {};

  write(id: string, rules: Rule[], clients: string[]): void {
    this.policies.set(id, { version: (this.policies.get(id)?.version ?? 0) + 1, rules, clients });
  }

  private row(id: string) {
    const policy = this.policies.get(id);
    if (!policy) return undefined;
    return [id, policy.version, 1, 1, 'rules', JSON.stringify(policy.rules)];
  }

  private reaching(client: string) {
    const linked = [...this.policies].filter(([, { clients }]) => clients.includes(client));
    const everyone = [...this.policies].filter(([, { clients }]) => clients.includes('everyone'));
    const rows = [
      ...linked.map(([id, { version }]) => [client, id, version, 1, 1]),
      ...everyone.map(([id, { version }]) => [null, id, version, 1, 1]),
    ];
    this.meanwhile();
    this.meanwhile = () => {};
    return rows;
  }

  reader = {
    findAll: async (lookup: RowsLookup, key: string) => {
      if (lookup === REACHING_POLICIES) return this.reaching(key);
      this.reads++;
      return [this.row(key)];
    },
  };

  decisions = new CompiledPolicyCache(
    this.reader as unknown as RowReader,
    { peek: () => ({ policies: this.revision }) } as unknown as ConfigurationRevision,
  );
}

describe('The decisions of clients', () => {
  it('share what is compiled where the same policies reach them', async () => {
    const store = new Store();
    store.write('p', [read('book')], ['a', 'b']);
    store.write('q', [read('diary')], ['c']);
    const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((id) => store.decisions.ofClient(id)));
    expect(a?.grants(item('book'))).toBe(true);
    expect(c?.grants(item('book'))).toBe(false);
    expect(await store.decisions.ofClient('a')).toBe(await store.decisions.ofClient('b'));
    expect(b?.grants(item('diary'))).toBe(false);
  });

  it('join the policies of the client to those for everyone', async () => {
    const store = new Store();
    store.write('p', [read('book')], ['a']);
    store.write('q', [read('diary')], ['everyone']);
    const [a, b] = [await store.decisions.ofClient('a'), await store.decisions.ofClient('b')];
    expect([a.grants(item('book')), a.grants(item('diary'))]).toEqual([true, true]);
    expect([b.grants(item('book')), b.grants(item('diary'))]).toEqual([false, true]);
  });

  it('are compiled again where one of their own policies has changed, and only there', async () => {
    const store = new Store();
    store.write('p', [read('book')], ['a']);
    store.write('q', [read('diary')], ['c']);
    const [a, c] = [await store.decisions.ofClient('a'), await store.decisions.ofClient('c')];
    store.write('p', [read('film')], ['a']);
    store.revision++;
    expect((await store.decisions.ofClient('a')).grants(item('film'))).toBe(true);
    expect((await store.decisions.ofClient('a')).grants(item('book'))).toBe(false);
    expect(await store.decisions.ofClient('c')).toBe(c);
    expect(await store.decisions.ofClient('a')).not.toBe(a);
    expect(store.reads).toBe(3);
  });

  it('never join the links of one moment to the rules of another', async () => {
    const store = new Store();
    store.write('p', [read('book')], ['a']);
    // In one write, the client loses the policy and the policy gains rules.
    store.meanwhile = () => store.write('p', [read('book'), read('vault')], ['b']);
    const decisions = await store.decisions.ofClient('a');
    expect(decisions.grants(item('vault'))).toBe(false);
    expect(decisions.grants(item('book'))).toBe(false);
  });
});
