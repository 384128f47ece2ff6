import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../../../support/admin.js';
import { at, DIALECTS } from '../../../support/dialects.js';
import { form } from '../../../support/http.js';
import { LIBRARY, useLibrary } from '../../../support/library.js';
import { aClient, type TestClient } from '../../../support/registration.js';

const library = useLibrary();

const CASES = DIALECTS.flatMap((dialect) =>
  ['jwt', 'opaque'].map((format) => ({ dialect, name: dialect.name, format })),
);

describe.each(CASES)('The scope that was granted in the $name dialect, $format', ({ dialect, format }) => {
  let client: TestClient;

  beforeAll(async () => {
    client = await aClient(library.server)
      .withTokens({ token_format: format })
      .withGrant('book:1:read', 'page:*:turn', '!page:13:*')
      .register();
  });

  const ask = (scope: string) => client.ask(dialect, { audience: LIBRARY, scope });

  /** What the answer, the token, its session and introspection say of its scope. */
  async function toldOf({ scope, access_token }: { scope: string; access_token: string }): Promise<string[]> {
    const inspected = await form(
      `${library.server.url}/auth/introspect`,
      { token: access_token },
      client.basic,
    );
    const session = await admin(library.server).get(`/Session/${inspected.body.jti}`);
    const claim = format === 'jwt' ? [decodeJwt(access_token).scope as string] : [];
    return [scope, inspected.body.scope, session.body.scope.join(' '), ...claim];
  }

  it('is the same in response, token, session and introspection (T26, J07, RFC 9700 2.3, node-oauth2-server#64)', async () => {
    const asked = 'page:2:turn book:2:read book:1:read page:13:turn';
    const answer = await ask(
      at(dialect, { native: asked, auth0: 'page:2:turn book:1:read', authing: asked }),
    );
    expect(answer.status).toBe(200);
    expect(new Set(await toldOf(answer.body))).toEqual(new Set(['page:2:turn book:1:read']));
  });

  it('is that of its own request under concurrency (T26, J07, RFC 9700 2.3, node-oauth2-server#64)', async () => {
    const scopes = Array.from({ length: 20 }, (_, n) => (n % 2 ? 'book:1:read' : `page:${n + 20}:turn`));
    const answers = await Promise.all(scopes.map(ask));
    for (const [n, { body }] of answers.entries()) {
      expect(new Set(await toldOf(body)), scopes[n]).toEqual(new Set([scopes[n]]));
    }
  });
});
