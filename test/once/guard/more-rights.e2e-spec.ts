import { beforeAll, describe, expect, it } from 'vitest';
import { createGuard, type GuardOptions } from '../../../packages/guard/src/guard.js';
import { AUTH0, type Dialect, NATIVE } from '../../support/dialects.js';
import { bearer, get } from '../../support/http.js';
import { ATLAS, LIBRARY, useLibrary } from '../../support/library.js';
import { aClient, aResource, type TestClient } from '../../support/registration.js';
import { judge } from './judge.js';

const library = useLibrary();
let api: TestClient;

/** As in the first example of the guard's README. */
const firstExample = (options: Partial<GuardOptions> = {}) =>
  createGuard({
    issuer: library.own,
    audience: LIBRARY,
    introspection: { clientId: api.id, clientSecret: api.secret },
    ...options,
  });

const holding = (token_format: string, ...rules: string[]) =>
  aClient(library.server)
    .withTokens({ token_format })
    .withGrant(...rules)
    .register();

const verify = async (token: string, item: string) =>
  (await get(`${library.server.url}/auth/verify?scope=${item}`, bearer(token))).status;

beforeAll(async () => {
  api = await aClient(library.server, 'library-api').register();
  await aResource(library.server, 'book', ['read', 'write'], {
    audience: LIBRARY,
    introspection_clients: [{ resourceType: 'Client', id: api.id }],
  });
  await aResource(library.server, 'page', ['turn'], { audience: LIBRARY });
});

describe.each([
  [NATIVE, 'jwt'],
  [NATIVE, 'opaque'],
  [AUTH0, 'jwt'],
])('A whole grant of the $name dialect', (dialect: Dialect, format: string) => {
  it(`on identifier * opens what one on identifier 1 opens, at the guard and at verify, as ${format} (fault E3)`, async () => {
    for (const identifier of ['*', '1']) {
      const client = await holding(format, `book:${identifier}:read`);
      const { body } = await client.ask(dialect, { audience: LIBRARY });
      expect(body.scope).toBe(identifier === '*' ? 'read' : 'book:1:read');
      const opened = identifier === '*' ? 200 : 403;
      for (const [item, status] of [
        ['book:1:read', 200],
        ['book:2:read', opened],
        ['book:read', opened],
        ['book:1:write', 403],
        ['book:1:*', 403],
        ['book', 403],
        ['*', 403],
        ['Client:1:read', 403],
      ] as const) {
        const expected = status === 200 ? '200' : '403 insufficient_scope';
        expect([item, await judge(firstExample(), body.access_token, item)]).toEqual([item, expected]);
        expect([item, await verify(body.access_token, item)]).toEqual([item, status]);
      }
    }
  });
});

describe('A bare name in a token', () => {
  it('is no operation where guard or token have several audiences, unless the guard is given them (fault E3)', async () => {
    const client = await holding('jwt', 'book:*:read', 'map:*:zoom');
    const several = await client.token(NATIVE, { resource: [LIBRARY, ATLAS] });
    expect(await judge(firstExample(), several, 'book:1:read')).toBe('403 insufficient_scope');
    const one = await client.token(NATIVE, { audience: ATLAS });
    const both = { audience: [LIBRARY, ATLAS] };
    expect(await judge(firstExample(both), one, 'book:1:zoom')).toBe('403 insufficient_scope');
    const operations = { book: ['read', 'write'], map: ['zoom'] };
    expect(await judge(firstExample({ ...both, operations }), several, 'book:1:read')).toBe('200');
  });

  it('is held by holds for the request that carries it, not for a mere list (fault E3)', async () => {
    const guard = firstExample();
    const client = await holding('jwt', 'book:*:read');
    const auth = await guard.verify(await client.token(NATIVE, { audience: LIBRARY }));
    expect(guard.holds(auth, 'book:7:read')).toBe(true);
    expect(guard.holds(auth, 'book:7:write')).toBe(false);
    expect(guard.holds(auth.scope, 'book:7:read')).toBe(false);
  });
});
