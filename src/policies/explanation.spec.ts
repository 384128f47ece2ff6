import { describe, expect, it } from 'vitest';
import { Catalog } from '../resources/catalog.js';
import type { Resource } from '../resources/resource.js';
import { CompiledPolicies } from './compiled-policies.js';
import { explain } from './explanation.js';
import type { Policy, Rule } from './policy.js';

const ALWAYS = { version: 1, createdAt: 0, updatedAt: 0 };

const resource = (id: string, operations: string[]): Resource => ({
  ...ALWAYS,
  id,
  audience: null,
  operations: operations.map((name) => ({ name })),
  name: null,
  introspectionClients: [],
  token: {},
});

const catalog = new Catalog(
  [resource('book', ['read', 'write']), resource('page', ['read', 'turn'])],
  'https://login.example/',
);

/** `book:1:read` as an allow rule, `!book:1:read` as a deny rule. */
function rule(text: string): Rule {
  const [, not, name, identifier, operation] = /^(!?)(\w+):(.+):(.+)$/.exec(text)!;
  return {
    effect: not ? 'deny' : 'allow',
    resource: name!,
    identifier: identifier!,
    operations: [operation!],
  };
}

function finished<T>(work: Generator<void, T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

function suggested(rules: string[], item: string): string[] | undefined {
  const policy: Policy = {
    ...ALWAYS,
    id: 'p',
    engine: 'rules',
    rules: rules.map(rule),
    everyone: false,
    exceptIds: [],
    clientIds: ['client'],
  };
  return finished(explain(new CompiledPolicies([policy]), [item], { catalog }))[0]?.suggest;
}

describe('The suggestions for a refused item', () => {
  it.each([
    ['book:1', ['book:1:*', 'book:1:read', 'book:1:write']],
    ['book::read', ['book:*:read']],
    [':book:read', ['book:*:read']],
    ['book:1:', ['book:1:*', 'book:1:read', 'book:1:write']],
    ['book:1:read:x', ['book:1:read']],
    ['book:1:raed', ['book:1:read', 'book:1:write', 'book:1:*']],
  ])('for %s begins with what may have been meant', (item, first) => {
    expect(suggested(['book:*:*'], item)?.slice(0, first.length)).toEqual(first);
  });

  it('for book:1 is what is granted on book 1, before every book', () => {
    expect(suggested(['book:1:read'], 'book:1')).toEqual(['book:1:read']);
    expect(suggested(['book:*:read'], 'book:1')).toEqual(['book:1:read', 'book:*:read']);
  });

  it.each([
    [['book:1:read', 'book:2:write'], 'book:2:read', ['book:1:read', 'book:2:write']],
    [['book:1:read', 'book:2:read'], 'book:read', ['book:1:read', 'book:2:read']],
    [['book:1:*', 'book:*:read'], 'book', ['book:1:*', 'book:*:read', 'book:1:read', 'book:1:write']],
    [['book:1:*'], 'book:*:fly', ['book:1:read', 'book:1:write', 'book:1:*']],
  ])('with %j for %s: elsewhere, then otherwise, literals before *', (rules, item, all) => {
    expect(suggested(rules, item)).toEqual(all);
  });

  it('is never denied, never the item itself, and nothing where nothing is granted', () => {
    expect(suggested(['book:*:*', '!book:1:read'], 'book:1')?.[0]).toBe('book:1:write');
    expect(suggested(['book:*:*', '!book:1:read'], 'book:1:read')).not.toContain('book:1:read');
    expect(suggested(['book:*:*'], 'page:1:read')).toBeUndefined();
    expect(suggested(['book:*:*'], 'bo*k:1:read')).toBeUndefined();
  });

  it('is ten items at most', () => {
    const rules = Array.from({ length: 20 }, (_, n) => `book:${n}:read`);
    expect(suggested(rules, 'book:read')).toEqual(rules.slice(0, 10));
  });
});
