import { beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../../../support/admin.js';
import { AUTH0, AUTHING, at, DIALECTS, NATIVE } from '../../../support/dialects.js';
import { ATLAS, LIBRARY, useLibrary } from '../../../support/library.js';
import { aClient, type TestClient } from '../../../support/registration.js';

const library = useLibrary();
let client: TestClient;

beforeAll(async () => {
  client = await aClient(library.server)
    .withGrant('book:1:read', 'book:1:write', 'page:*:*', '!page:13:*', 'diary:*:read', 'map:*:zoom')
    .register();
});

const refusedByAuth0 = (...items: string[]) => ({
  error: 'access_denied',
  error_description: `Client has not been granted scopes: ${items.join(', ')}`,
});

const nothingGranted = (rejected_scope: string) => ({
  error: 'invalid_scope',
  error_description: 'no item of scope is granted to this client',
  rejected_scope,
});

describe.each(DIALECTS)('The scope of a token in the $name dialect', (dialect) => {
  const ask = (scope: string) => client.ask(dialect, { audience: LIBRARY, scope });
  const outside = {
    error: 'invalid_scope',
    error_description: 'scope contains characters outside RFC 6749 3.3',
  };

  it('grants what a rule covers and reports the rest as the dialect does (T20, T25, RFC 6749 5.1)', async () => {
    const answer = await ask('book:1:read book:2:read page:2:turn page:13:turn');
    expect(answer.status).toBe(at(dialect, { native: 200, auth0: 403, authing: 200 }));
    const partly = {
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'book:1:read page:2:turn',
      rejected_scope: 'book:2:read page:13:turn',
    };
    expect(answer.body).toEqual(
      at<object>(dialect, {
        native: partly,
        auth0: refusedByAuth0('book:2:read', 'page:13:turn'),
        authing: partly,
      }),
    );
  });

  it('refuses, or empties, the scope of which nothing is granted (T20, RFC 6749 5.1)', async () => {
    const answer = await ask('book:2:read ghost:read');
    expect(answer.status).toBe(at(dialect, { native: 400, auth0: 403, authing: 200 }));
    expect(answer.body).toEqual(
      at<object>(dialect, {
        native: nothingGranted('book:2:read ghost:read'),
        auth0: refusedByAuth0('book:2:read', 'ghost:read'),
        authing: {
          access_token: expect.any(String),
          token_type: 'Bearer',
          expires_in: 3600,
          scope: '',
          rejected_scope: 'book:2:read ghost:read',
        },
      }),
    );
  });

  it('echoes what is granted verbatim, in the order asked, repeats once (T22, RFC 6749 3.3)', async () => {
    const { body } = await ask('page:2:turn book:1:write page:2:* book:1:read page:2:turn');
    expect(body.scope).toBe('page:2:turn book:1:write page:2:* book:1:read');
    expect(body.rejected_scope).toBe(at(dialect, { native: undefined, auth0: undefined, authing: '' }));
  });

  it('is case-sensitive (T22, RFC 6749 3.3)', async () => {
    for (const scope of ['Book:1:read', 'book:1:READ', 'BOOK:1:read']) {
      const answer = await ask(scope);
      expect(answer.body.scope ?? '').toBe('');
    }
  });

  it.each(['a"b', 'a\\b', 'é', 'a\u0000b', 'a\tb', 'a\nb', 'a\u007Fb', '日本', 'book:1:read\u00A0x'])(
    'rejects %j with invalid_scope: outside the syntax (T23, RFC 6749 3.3)',
    async (scope) => {
      const answer = await ask(scope);
      expect(answer.status).toBe(400);
      expect(answer.body).toEqual(outside);
    },
  );

  it('reads spaces before, after and between items as one (T24, RFC 6749 3.3)', async () => {
    const { status, body } = await ask('  book:1:read   book:1:write ');
    expect(status).toBe(200);
    expect(body.scope).toBe('book:1:read book:1:write');
  });

  it.each([
    'r::read',
    'book:1:read:x',
    '::',
    ':',
    'book:',
    ':read',
    'book::read',
    'boo*',
    'book:1*:read',
    '**',
    'book:**',
  ])('counts %s, which is outside our grammar, as a refused item (T25, RFC 6749 3.3)', async (item) => {
    const answer = await ask(`${item} book:1:read`);
    expect(answer.body.rejected_scope ?? answer.body.error_description).toBe(
      at(dialect, { native: item, auth0: refusedByAuth0(item).error_description, authing: item }),
    );
    expect(answer.body.scope).toBe(
      at(dialect, { native: 'book:1:read', auth0: undefined, authing: 'book:1:read' }),
    );
  });

  it.each([
    'book:*:read',
    'book:1:*',
    'book:read',
    'book:1',
    'book',
    'book:*',
    '*',
    '*:*:*',
    'page:*:turn',
    'page:turn',
    'page',
  ])('neither narrows nor expands %s, of which only a part is granted (T25, RFC 6749 3.3)', async (item) => {
    const answer = await ask(`${item} book:1:read`);
    expect(answer.body.scope ?? '').toBe(
      at(dialect, { native: 'book:1:read', auth0: '', authing: 'book:1:read' }),
    );
    expect(answer.status).toBe(at(dialect, { native: 200, auth0: 403, authing: 200 }));
  });

  it('accepts 2,000 items of 256 characters, and rejects more of either (L03, ASVS 15.2.2, CVE-2026-4634)', async () => {
    const items = (count: number) =>
      Array.from({ length: count }, (_, n) => `page:${n + 100}:turn`).join(' ');
    // A JWT cannot hold as many.
    const opaque = await aClient(library.server)
      .withTokens({ token_format: 'opaque' })
      .withGrant('page:*:*')
      .register();
    const all = await opaque.ask(dialect, { audience: LIBRARY, scope: items(2000) });
    expect(all.body.scope).toBe(items(2000));
    const tooMany = await ask(items(2001));
    expect(tooMany.status).toBe(400);
    expect(tooMany.body).toEqual({
      error: 'invalid_scope',
      error_description: 'scope contains more than 2000 items',
    });
    const long = (length: number) => `page:${'x'.repeat(length - 10)}:turn`;
    expect((await ask(long(256))).body.scope).toBe(long(256));
    const tooLong = await ask(`book:1:read ${long(257)}`);
    expect(tooLong.status).toBe(400);
    expect(tooLong.body).toEqual({
      error: 'invalid_scope',
      error_description: 'a scope item is longer than 256 characters',
    });
  });

  it('records in the session just what was granted (T26, RFC 9700 2.3)', async () => {
    const { body } = await ask('book:1:read page:2:turn');
    const { body: bundle } = await admin(library.server).get(`/Session?client=${client.id}&_count=1`);
    expect(body.scope).toBe('book:1:read page:2:turn');
    expect(bundle.entry[0].resource.scope).toEqual(['book:1:read', 'page:2:turn']);
  });
});

describe('The scope of a token', () => {
  it('grants *:*:* only to a policy on everything (T21, T25, RFC 6749 3.3)', async () => {
    const all = await aClient(library.server).withEverything().register();
    for (const scope of ['*', '*:*', '*:*:*']) {
      expect((await all.ask(NATIVE, { scope })).body.scope).toBe(scope);
      expect((await client.ask(NATIVE, { scope })).body).toEqual(nothingGranted(scope));
      expect((await all.ask(NATIVE, { scope, audience: LIBRARY })).body).toEqual(nothingGranted(scope));
    }
  });

  it("grants nothing on the server's own types by the engine allow", async () => {
    const all = await aClient(library.server).withEverything().register();
    const { body } = await all.ask(AUTHING, {
      scope: 'Client:*:read AccessPolicy Session:x:delete diary:read',
    });
    expect(body.scope).toBe('diary:read');
    expect(body.rejected_scope).toBe('Client:*:read AccessPolicy Session:x:delete');
  });

  it('has no scope when none was requested in the native dialect: current policies decide (T21, RFC 6749 3.3)', async () => {
    const { status, body } = await client.ask(NATIVE);
    expect(status).toBe(200);
    expect(body).toEqual({ access_token: expect.any(String), token_type: 'Bearer', expires_in: 3600 });
  });

  it('is the whole grant of the audience when none was requested (T21, RFC 6749 3.3)', async () => {
    for (const dialect of [NATIVE, AUTH0]) {
      const { body } = await client.ask(dialect, { audience: ATLAS });
      expect(body.scope).toBe('zoom');
    }
  });

  it('is required in the authing dialect (T21, RFC 6749 3.3)', async () => {
    for (const audience of [LIBRARY, '']) {
      const answer = await client.ask(AUTHING, { audience });
      expect(answer.status).toBe(400);
      expect(answer.body).toEqual({ error: 'invalid_request', error_description: 'scope is required' });
    }
  });

  it('reads an item of two parts as resource and operation, never as resource and identifier', async () => {
    const one = await aClient(library.server).withGrant('book:1:*').register();
    expect((await one.ask(NATIVE, { scope: 'book:1' })).body).toEqual(nothingGranted('book:1'));
  });

  it('follows a change of the policies at once', async () => {
    const changing = await aClient(library.server).withGrant('book:1:read').register();
    expect((await changing.ask(NATIVE, { scope: 'book:1:read' })).status).toBe(200);
    await admin(library.server).delete(`/AccessPolicy/${changing.id}`);
    expect((await changing.ask(NATIVE, { scope: 'book:1:read' })).body).toEqual(
      nothingGranted('book:1:read'),
    );
  });
});
