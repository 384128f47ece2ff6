import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseScopeItem, type ScopeItem } from '../../packages/protocol/src/scope-item.js';
import { Catalog } from '../resources/catalog.js';
import type { PresentedSession } from '../sessions/session.js';
import { scopeCover, scopeCovers } from './session-scope.js';

const OWN = 'https://login.example/';
const resource = (id: string, audience: string | null) => ({
  id,
  audience,
  version: 1,
  createdAt: 0,
  updatedAt: 0,
  name: null,
  introspectionClients: [],
  token: {},
  operations: ['read', 'write'].map((name) => ({ name })),
});
const catalog = new Catalog(
  [resource('book', 'urn:a'), resource('page', 'urn:a'), resource('map', null)],
  OWN,
);

const place = fc.constantFrom('*', '1', '2', 'read');
const item = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('*', 'book', 'page', 'map', 'Client'),
      place,
      fc.constantFrom('*', 'read', 'write'),
    )
    .map((places) => places.join(':')),
  fc.constantFrom('read', 'write', 'book', 'other', '*'),
);

describe('A cover of many items', () => {
  it('covers exactly what the items of the session cover one by one (fault B6)', () => {
    const session = fc.record({
      scope: fc.oneof(fc.constant(null), fc.array(item, { maxLength: 60 })),
      audienceAsked: fc.boolean(),
      audience: fc.constantFrom(['urn:a'], [OWN], ['urn:a', OWN]),
    });
    fc.assert(
      fc.property(session, fc.array(item, { minLength: 1, maxLength: 5 }), (terms, asked) => {
        const presented = { id: 's', ...terms } as unknown as PresentedSession;
        const covers = scopeCover(presented, catalog);
        for (const one of asked.map(parseScopeItem).filter((read): read is ScopeItem => read !== undefined)) {
          expect(covers(one)).toBe(scopeCovers(presented, one, catalog));
        }
      }),
    );
  });
});
