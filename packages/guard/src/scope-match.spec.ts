import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DecisionContext, meaningOf } from '../../../src/policies/decision.js';
import { parseScopeItem } from '../../../src/protocol/scope-item.js';
import { Catalog } from '../../../src/resources/catalog.js';
import type { Resource } from '../../../src/resources/resource.js';
import type { Session } from '../../../src/sessions/session.js';
import { contextOfSession, scopeCovers } from '../../../src/tokens/session-scope.js';
import { scopeMatch } from './scope-match.js';

describe('Without operations, an item', () => {
  const holds = scopeMatch();

  it.each([
    ['book:1:read', 'book:1:read', true],
    ['book:*', 'book:1:read', true],
    ['book', 'book:1:read', true],
    ['book:read', 'book:1:read', true],
    ['book:*:read', 'book:read', true],
    ['book:1:*', 'book:1:read', true],
    ['*:read', 'book:1:read', true],
    ['*', 'book:1:read', true],
    ['*', '*:*:*', true],
    ['page:* book:2 book:*:read', 'book:1:read', true],
    ['', 'book:1:read', false],
    ['book:1:read', 'book:2:read', false],
    ['book:1:read', 'book:*:read', false],
    ['book:1', 'book:1:read', false],
    ['book:1:read book:1:write', 'book:1', false],
    ['book:read book:write', 'book:*', false],
    ['Book:*', 'book:1:read', false],
    ['*', 'Client:1:read', false],
    ['*', 'Session', false],
    ['Client', 'Client:1:read', true],
    ['geocode:location', 'geocode:location', true],
    ['read', 'read', true],
    ['a:b:c:d', 'a:b:c:d', true],
    ['a:b:c:d', 'a:b:c:d:e', false],
    ['book::read', 'book:1:read', false],
    ['*', 'book::read', false],
  ])('%j holds %s: %s', (granted, asked, expected) => {
    expect(holds(granted.split(' '), asked)).toBe(expected);
  });
});

describe('An operation that is named', () => {
  it('alone is held by itself alone', () => {
    const holds = scopeMatch(['write:article', 'read']);
    expect(holds(['write:article'], 'write:article')).toBe(true);
    expect(holds(['write:article'], 'write:1:article')).toBe(false);
    expect(holds(['write'], 'write:article')).toBe(false);
    expect(holds(['read'], 'read:1:article')).toBe(false);
    expect(holds(['book:read'], 'read')).toBe(false);
    expect(holds(['book:read'], 'book:1:read')).toBe(true);
  });

  it('with its resources is what the server makes of it', () => {
    const holds = scopeMatch({ book: ['read', 'write'], page: ['read', 'write:article'] });
    expect(holds(['read'], 'book:1:read')).toBe(true);
    expect(holds(['read'], 'page:1:read')).toBe(true);
    expect(holds(['write'], 'page:1:write')).toBe(false);
    expect(holds(['book', 'page'], 'read')).toBe(true);
    expect(holds(['book'], 'read')).toBe(false);
    expect(holds(['write:article'], 'write:1:article')).toBe(false);
    expect(holds(['page:*'], 'write:article')).toBe(true);
  });
});

const AUDIENCE = 'urn:a';
const names = ['book', 'page', 'read', 'write', 'Client', '1'];
const bareNames = ['read', 'write', 'book', 'read:book', 'book:1:read', 'a:b:c:d', 'rea*'];

const segment = fc.constantFrom('*', ...names, '');
const scopeItem = fc.oneof(
  fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join(':')),
  fc.constantFrom(...bareNames),
);

const resource = fc.record({
  id: fc.constantFrom('book', 'page', 'read', 'Client'),
  audience: fc.constantFrom(AUDIENCE, AUDIENCE, 'urn:b', null),
  operations: fc.uniqueArray(fc.constantFrom(...bareNames), { maxLength: 4 }),
});

const catalog = fc
  .uniqueArray(resource, { selector: ({ id }) => id, maxLength: 4 })
  .map((list) =>
    list.map((one) => ({ ...one, operations: one.operations.map((name) => ({ name })) }) as Resource),
  )
  .map((list) => ({
    catalog: new Catalog(list, 'https://login.example/'),
    own: list.filter(({ audience }) => audience === AUDIENCE),
  }));

const question = fc.tuple(catalog, fc.array(scopeItem, { maxLength: 5 }), scopeItem);

/** What the server says of it, the policies of the moment aside. */
function serverHolds(session: Session, asked: string, context: DecisionContext): boolean {
  const meant = meaningOf(asked, context);
  return meant.length > 0 && meant.every((item) => scopeCovers(session, item, context.catalog));
}

/** Only what means something can have been granted. */
const sessionOf = (audienceAsked: boolean, items: readonly string[], of: Catalog): Session => {
  const session = { audience: [AUDIENCE], audienceAsked } as Session;
  const context = contextOfSession(session, of);
  return { ...session, scope: items.filter((item) => meaningOf(item, context).length > 0) };
};

/** Whether a name is also an item of a resource of another audience, of which a guard knows nothing. */
const isItemElsewhere = (name: string, own: readonly Resource[], all: Catalog): boolean => {
  const item = parseScopeItem(name);
  return all.find(item?.resource ?? '') !== undefined && !own.some(({ id }) => id === item?.resource);
};

const namesOf = ({ operations }: Resource) => operations.map(({ name }) => name);
const runs = { numRuns: 10_000 };

describe("The guard's answer", () => {
  it("is the server's where it knows the operations of its audience's resources, also for names with two readings (fault A1)", () => {
    fc.assert(
      fc.property(question, ([{ catalog: all, own }, granted, asked]) => {
        fc.pre(!own.flatMap(namesOf).some((name) => isItemElsewhere(name, own, all)));
        const session = sessionOf(true, granted, all);
        const holds = scopeMatch(Object.fromEntries(own.map((one) => [one.id, namesOf(one)])));
        const context = { catalog: all, audiences: [AUDIENCE] };
        expect(holds(session.scope ?? [], asked)).toBe(serverHolds(session, asked, context));
      }),
      runs,
    );
  });

  it("is never more than the server's where it knows the names alone, and the same for all other items", () => {
    fc.assert(
      fc.property(question, ([{ catalog: all, own }, granted, asked]) => {
        const session = sessionOf(true, granted, all);
        const scope = session.scope ?? [];
        const bare = own.flatMap(namesOf);
        const answer = scopeMatch(bare)(scope, asked);
        const servers = serverHolds(session, asked, { catalog: all, audiences: [AUDIENCE] });
        if (bare.includes(asked)) expect(answer).toBe(scope.includes(asked));
        else if (!scope.some((item) => bare.includes(item))) expect(answer).toBe(servers);
        expect(answer && !servers).toBe(false);
      }),
      runs,
    );
  });

  it("is the server's without being told anything, where no item is an operation's bare name", () => {
    fc.assert(
      fc.property(question, ([{ catalog: all, own }, granted, asked]) => {
        const bare = new Set(own.flatMap(namesOf));
        fc.pre(!bare.has(asked));
        const session = sessionOf(
          true,
          granted.filter((item) => !bare.has(item)),
          all,
        );
        const context = { catalog: all, audiences: [AUDIENCE] };
        expect(scopeMatch()(session.scope ?? [], asked)).toBe(serverHolds(session, asked, context));
      }),
      runs,
    );
  });

  it("is the server's for a token that no audience was asked for: the grammar alone", () => {
    fc.assert(
      fc.property(question, ([{ catalog: all }, granted, asked]) => {
        const session = sessionOf(false, granted, all);
        expect(scopeMatch()(session.scope ?? [], asked)).toBe(serverHolds(session, asked, { catalog: all }));
      }),
      runs,
    );
  });
});
