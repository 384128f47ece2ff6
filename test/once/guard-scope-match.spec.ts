import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scopeMatch } from '../../packages/guard/src/scope-match.js';
import { parseScopeItem } from '../../packages/protocol/src/scope-item.js';
import { type DecisionContext, meaningOf } from '../../src/policies/decision.js';
import { Catalog } from '../../src/resources/catalog.js';
import type { Resource } from '../../src/resources/resource.js';
import type { Session } from '../../src/sessions/session.js';
import { contextOfSession, scopeCovers } from '../../src/tokens/session-scope.js';

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
    list.map(
      (one) => ({ ...one, token: {}, operations: one.operations.map((name) => ({ name })) }) as Resource,
    ),
  )
  .map((list) => ({
    catalog: new Catalog(list, 'https://login.example/'),
    own: list.filter(({ audience }) => audience === AUDIENCE),
  }));

const question = fc.tuple(catalog, fc.array(scopeItem, { maxLength: 5 }), scopeItem);

/** The server's answer, apart from the current policies. */
function serverHolds(session: Session, asked: string, context: DecisionContext): boolean {
  const meant = meaningOf(asked, context);
  return meant.length > 0 && meant.every((item) => scopeCovers(session, item, context.catalog));
}

/** Only items with a meaning can have been granted. */
const sessionOf = (audienceAsked: boolean, items: readonly string[], of: Catalog): Session => {
  const session = { audience: [AUDIENCE], audienceAsked } as Session;
  const context = contextOfSession(session, of);
  return { ...session, scope: items.filter((item) => meaningOf(item, context).length > 0) };
};

/** Whether a name is also an item of a resource of another audience, which a guard does not know. */
const isItemElsewhere = (name: string, own: readonly Resource[], all: Catalog): boolean => {
  const item = parseScopeItem(name);
  return all.find(item?.resource ?? '') !== undefined && !own.some(({ id }) => id === item?.resource);
};

const namesOf = ({ operations }: Resource) => operations.map(({ name }) => name);
const runs = { numRuns: 10_000 };

describe('Scope match of the guard', () => {
  it('matches as the server does if it knows the operations of each resource, also for names with two readings (fault A1)', () => {
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

  it('never matches more than the server if it knows only the names, and matches all other items alike', () => {
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

  it('matches as the server does without options, if no item is a bare name', () => {
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

  it('matches as the server does for a token without a requested audience: by the grammar alone', () => {
    fc.assert(
      fc.property(question, ([{ catalog: all }, granted, asked]) => {
        const session = sessionOf(false, granted, all);
        expect(scopeMatch()(session.scope ?? [], asked)).toBe(serverHolds(session, asked, { catalog: all }));
      }),
      runs,
    );
  });
});
