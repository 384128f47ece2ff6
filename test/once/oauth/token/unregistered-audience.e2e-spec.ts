import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../../../admin/answers.js';
import { admin } from '../../../support/admin.js';
import { AUTH0, AUTHING, NATIVE } from '../../../support/dialects.js';
import { useLibrary } from '../../../support/library.js';
import { aClient, aResource, register, regrant, type TestClient } from '../../../support/registration.js';
import { runSql } from '../../../support/sql.js';

const RESOURCE_SERVER = 'http://resource.server.com';

const OUTSIDE_THE_GRAMMAR = [
  ...[
    `urn:${'x'.repeat(252)}`,
    'urn:a\u0000b',
    'urn:a\nb',
    'urn:a\u0085b',
    'urn:日本',
    'https://example.com/é',
  ],
  ...['A b', ' a', 'a"b', "a'b", 'a`b', 'a\\b', '<a>', 'urn:{x}', 'urn:%zz', '1a:b', ':b', 'urn:'],
];

const NO_AUDIENCE = {
  error: 'invalid_target',
  error_description:
    'an audience is an absolute URI (RFC 3986), or a name of letters, digits and any of _.~/@!$&()*+,;=- , of up to 255 characters',
};

const invalidTarget = (audience: string) => ({
  error: 'invalid_target',
  error_description: `no resource has the audience ${audience}`,
});

describe('An audience that no resource has registered', () => {
  const library = useLibrary();
  let client: TestClient;

  beforeAll(async () => {
    client = await aClient(library.server, 'api-client')
      .withTokens({ token_format: 'jwt' })
      .withEverything()
      .register();
  });

  it('copies an unregistered audience into aud in the native dialect, without a scope', async () => {
    const { status, body } = await client.ask(NATIVE, { audience: RESOURCE_SERVER });
    expect(status).toBe(200);
    expect(body).toEqual({ access_token: expect.any(String), token_type: 'Bearer', expires_in: 3600 });
    const claims = decodeJwt(body.access_token);
    expect(claims.aud).toBe(RESOURCE_SERVER);
    expect(claims).not.toHaveProperty('scope');
  });

  it('grants no item for an unregistered audience', async () => {
    const { status, body } = await client.ask(NATIVE, { audience: RESOURCE_SERVER, scope: 'book:1:read *' });
    expect(status).toBe(400);
    expect(body.error).toBe('invalid_scope');
    expect(body.rejected_scope).toBe('book:1:read *');
  });

  it('rejects an unregistered audience in the auth0 and the authing dialect, each with its own error', async () => {
    const auth0 = await client.ask(AUTH0, { audience: RESOURCE_SERVER });
    expect(auth0.status).toBe(403);
    expect(auth0.body).toEqual({
      error: 'access_denied',
      error_description: `Service not found: ${RESOURCE_SERVER}`,
    });
    const authing = await client.ask(AUTHING, { audience: RESOURCE_SERVER, scope: 'book:1:read' });
    expect(authing.status).toBe(400);
    expect(authing.body).toEqual(invalidTarget(RESOURCE_SERVER));
  });

  it('rejects an unregistered resource in every dialect (RFC 8707 2)', async () => {
    const { status, body } = await client.ask(NATIVE, { resource: RESOURCE_SERVER });
    expect(status).toBe(400);
    expect(body).toEqual(invalidTarget(RESOURCE_SERVER));
  });

  it('copies an unregistered audience only for a client that lists it', async () => {
    const listed = await aClient(library.server)
      .withTokens({ audience: [RESOURCE_SERVER], token_format: 'jwt' })
      .register();
    expect(decodeJwt(await listed.token(NATIVE)).aud).toBe(RESOURCE_SERVER);
    const { status, body } = await listed.ask(NATIVE, { audience: 'http://other.example' });
    expect(status).toBe(400);
    expect(body.error).toBe('invalid_target');
  });

  it('rejects an unregistered audience for a client without an allow policy that does not list it (fault A9)', async () => {
    const without = await aClient(library.server).register();
    const ruled = await aClient(library.server).withGrant('*:*:*', 'book:*:*').register();
    const listing = await aClient(library.server).withTokens({ audience: [] }).withEverything().register();
    for (const one of [without, ruled]) {
      const { status, body } = await one.ask(NATIVE, { audience: RESOURCE_SERVER });
      expect([status, body]).toEqual([400, invalidTarget(RESOURCE_SERVER)]);
    }
    const { status, body } = await listing.ask(NATIVE, { audience: RESOURCE_SERVER });
    expect([status, body.error]).toEqual([400, 'invalid_target']);
  });

  it('rejects an unregistered audience once the allow policy is deleted, on refresh too (fault A9)', async () => {
    const one = await aClient(library.server).withTokens({ refresh_token: true }).withEverything().register();
    const { refresh_token } = (await one.ask(NATIVE, { audience: RESOURCE_SERVER })).body;
    const refresh = () => one.post(NATIVE, { grant_type: 'refresh_token', refresh_token });
    await regrant(library.server, one, '*:*:*');
    expect((await one.ask(NATIVE, { audience: RESOURCE_SERVER })).body.error).toBe('invalid_target');
    expect((await refresh()).body.error).toBe('invalid_grant');
    await register(library.server, 'AccessPolicy', one.id, {
      engine: 'allow',
      link: [{ resourceType: 'Client', id: one.id }],
    });
    expect((await refresh()).status).toBe(200);
  });

  it('checks the audience like a registered one on refresh once a resource has it (fault A9)', async () => {
    const audience = 'urn:registered-later';
    const one = await aClient(library.server)
      .withTokens({ refresh_token: true, audience: [audience] })
      .register();
    const { refresh_token } = (await one.ask(NATIVE)).body;
    await aResource(library.server, 'later', ['read'], { audience });
    const refused = await one.post(NATIVE, { grant_type: 'refresh_token', refresh_token });
    expect([refused.status, refused.body.error]).toEqual([400, 'invalid_grant']);
    await regrant(library.server, one, 'later:*:read');
    expect((await one.post(NATIVE, { grant_type: 'refresh_token', refresh_token })).status).toBe(200);
  });

  it("copies the client's own id, but no other client id and no issuer", async () => {
    const other = await aClient(library.server, 'somebody-else').register();
    expect(decodeJwt(await client.token(NATIVE, { audience: client.id })).aud).toBe(client.id);
    const { publicUrl } = library.server;
    const taken = [other.id, 'root', `${publicUrl}/oidc`, `${publicUrl}/oidc/`];
    for (const audience of taken) {
      const { status, body } = await client.ask(NATIVE, { audience });
      expect(status, audience).toBe(400);
      expect(body).toEqual(invalidTarget(audience));
    }
  });

  it('copies the id of a deleted client', async () => {
    const brief = await aClient(library.server, 'brief').register();
    expect((await client.ask(NATIVE, { audience: brief.id })).status).toBe(400);
    await admin(library.server).delete(`/Client/${brief.id}`);
    expect((await client.ask(NATIVE, { audience: brief.id })).status).toBe(200);
  });

  it.each(OUTSIDE_THE_GRAMMAR)('rejects text that is no audience: %j (RFC 7519 2)', async (audience) => {
    const form = await client.ask(NATIVE, { audience });
    expect([form.status, form.body]).toEqual([400, NO_AUDIENCE]);
    const byResource = await client.ask(NATIVE, { resource: audience });
    expect([byResource.status, byResource.body]).toEqual([400, NO_AUDIENCE]);
  });

  it('copies a URI and a name verbatim', async () => {
    const uris = [`urn:${'x'.repeat(251)}`, "https://example.com/a%20b?a=b&c='d'#e", 'api://7d1f/[x]'];
    for (const audience of [...uris, 'payroll', '//iam.example/pools/a', 'a_b.c~d@e'])
      expect(decodeJwt(await client.token(NATIVE, { audience })).aud).toBe(audience);
  });

  it('keeps a stored list with text that is no audience, and issues no token for it', async () => {
    const listing = await aClient(library.server)
      .withTokens({ audience: ['urn:outside', 'urn:a'], refresh_token: true })
      .register();
    const { refresh_token } = (await listing.ask(NATIVE)).body;
    const before = `replace(client_credentials, 'urn:outside', 'a{b}')`;
    await runSql(
      library.server,
      `UPDATE client SET client_credentials = ${before} WHERE id = '${listing.id}'`,
    );
    const root = admin(library.server);
    // Ends what the process has cached.
    await root.put('/Client/any', { name: 'any' });
    const path = `/Client/${listing.id}`;
    expect((await root.get(path)).body.auth.client_credentials.audience).toEqual(['a{b}', 'urn:a']);
    const refused = await listing.ask(NATIVE);
    expect([refused.status, refused.body]).toEqual([400, NO_AUDIENCE]);
    expect((await listing.ask(NATIVE, { audience: 'urn:a' })).status).toBe(200);
    expect((await listing.post(NATIVE, { grant_type: 'refresh_token', refresh_token })).status).toBe(400);
    expect((await root.patch(path, { active: false })).status).toBe(200);
    const others = { auth: { client_credentials: { audience: ['c{d}', 'a{b}'] } } };
    expectProblem(await root.patch(path, others), 422, ['auth.client_credentials.audience[0]']);
  });
});

describe('With LATCHKEY_UNREGISTERED_AUDIENCE=allow', () => {
  const library = useLibrary({ env: { LATCHKEY_UNREGISTERED_AUDIENCE: 'allow' } });

  it('copies an unregistered audience for any client that does not list others', async () => {
    const plain = await aClient(library.server).withTokens({ token_format: 'jwt' }).register();
    expect(decodeJwt(await plain.token(NATIVE, { audience: RESOURCE_SERVER })).aud).toBe(RESOURCE_SERVER);
    const listing = await aClient(library.server)
      .withTokens({ audience: ['urn:library'] })
      .withEverything()
      .register();
    expect((await listing.ask(NATIVE, { audience: RESOURCE_SERVER })).body.error).toBe('invalid_target');
  });
});

describe('With LATCHKEY_UNREGISTERED_AUDIENCE=deny', () => {
  const library = useLibrary({ env: { LATCHKEY_UNREGISTERED_AUDIENCE: 'deny' } });

  it('rejects an unregistered audience in the native dialect too, also to a client that lists it', async () => {
    const plain = await aClient(library.server).register();
    const listed = await aClient(library.server)
      .withTokens({ audience: [RESOURCE_SERVER] })
      .register();
    const asked = [
      await plain.ask(NATIVE, { audience: RESOURCE_SERVER }),
      await plain.ask(NATIVE, { audience: plain.id }),
      await listed.ask(NATIVE, { audience: RESOURCE_SERVER }),
      await listed.ask(NATIVE),
    ];
    expect(asked.map(({ status }) => status)).toEqual([400, 400, 400, 400]);
    expect(asked[3]?.body).toEqual(invalidTarget(RESOURCE_SERVER));
  });

  it('grants registered audiences as before', async () => {
    const client = await aClient(library.server).withEverything().register();
    expect((await client.ask(NATIVE, { audience: 'urn:library' })).body.scope).toBe('read write turn');
    expect((await client.ask(NATIVE)).status).toBe(200);
  });
});

describe('With LATCHKEY_ISSUER', () => {
  const issuer = 'https://issuer.example/tenant';
  const library = useLibrary({ env: { LATCHKEY_ISSUER: issuer } });

  it('uses the setting as issuer and as the own audience of the server', async () => {
    const client = await aClient(library.server)
      .withTokens({ token_format: 'jwt' })
      .withEverything()
      .register();
    const derived = decodeJwt(await client.token(NATIVE));
    expect({ iss: derived.iss, aud: derived.aud }).toEqual({ iss: issuer, aud: issuer });
    const auth0 = decodeJwt(await client.token(AUTH0, { audience: issuer }));
    expect({ iss: auth0.iss, aud: auth0.aud }).toEqual({ iss: issuer, aud: issuer });
    const authing = decodeJwt(await client.token(AUTHING, { scope: 'diary:read' }));
    expect({ iss: authing.iss, aud: authing.aud }).toEqual({
      iss: `${library.server.publicUrl}/oidc`,
      aud: client.id,
    });
  });

  it('rejects both issuers as unregistered audiences', async () => {
    const client = await aClient(library.server).withEverything().register();
    for (const audience of [`${issuer}/`, `${library.server.publicUrl}/oidc`]) {
      expect((await client.ask(NATIVE, { audience })).status, audience).toBe(400);
    }
  });
});
