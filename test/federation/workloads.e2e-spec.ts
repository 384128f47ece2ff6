import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { issuerOf, nowSeconds, Signer } from '../support/assertions.js';
import { AUTH0, AUTHING, DIALECTS, NATIVE } from '../support/dialects.js';
import { basic, bearer, form, get, request } from '../support/http.js';
import { useLibrary } from '../support/library.js';
import { Platform } from '../support/platforms.js';
import { query } from '../support/query.js';
import { aClient, type TestClient } from '../support/registration.js';

const library = useLibrary({ env: { LATCHKEY_PRIVATE_JWKS_URI: 'allow' } });
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const WORKLOAD = /^workload:[A-Za-z0-9_-]{43}$/;
const REFUSED = { error: 'invalid_grant', error_description: 'the assertion is not accepted' };

let platform: Platform;
let template: TestClient;

const ask = (assertion: string, fields: Record<string, string | undefined> = {}, path = NATIVE.token) =>
  form(library.server.url + path, {
    grant_type: GRANT,
    assertion,
    audience: 'urn:library',
    scope: 'book:1:read',
    ...fields,
  });

const agent = (sub: string, claims: Record<string, unknown> = {}) =>
  platform.token(library.server, { sub, team: 'research', ...claims });

const admit = (members: Record<string, unknown> = {}) =>
  admin(library.server).put('/TrustedIssuer/agents', {
    issuer: platform.issuer,
    admits: [{ subject: 'agent/**', claims: { team: 'research' }, template: template.id }],
    ...members,
  });

const grantTypes = async (path: string) => (await get(library.server.url + path)).body.grant_types_supported;

beforeAll(async () => {
  const { server } = library;
  platform = await Platform.start({ alg: 'ES256' });
  template = await aClient(server, 'agents-template')
    .with({ token_quota: { per_hour: 5 } })
    .withTokens({ refresh_token: true })
    .withGrant('book:*:read')
    .register();
});
afterAll(() => platform.stop());

describe('The grant of workloads (RFC 7523 2.1, draft-carleton-workload-authz-grant-02)', () => {
  it('is off, and not in the metadata, until an issuer admits any', async () => {
    const { server } = library;
    const paths = ['/.well-known/oauth-authorization-server', '/oidc/.well-known/openid-configuration'];
    await admin(server).put('/TrustedIssuer/agents', { issuer: platform.issuer });
    expect((await ask(await agent('agent/0'))).body.error).toBe('invalid_client');
    for (const path of paths) expect(await grantTypes(path)).not.toContain(GRANT);
    expect((await admit()).status).toBe(200);
    for (const path of paths) expect(await grantTypes(path)).toContain(GRANT);
    expect((await ask(await agent('agent/0'))).status).toBe(200);
  });

  it.each(DIALECTS)('gives a token of the template in the $name dialect', async (dialect) => {
    const { server } = library;
    const sub = `agent/${dialect.token}`;
    const assertion = await agent(sub, { aud: issuerOf(server, dialect) });
    const { status, body } = await ask(assertion, {}, dialect.token);
    expect([status, body.refresh_token]).toEqual([200, undefined]);
    const [introspection] = {
      [NATIVE.token]: ['/auth/introspect'],
      [AUTH0.token]: ['/oauth/introspect'],
      [AUTHING.token]: ['/oidc/token/introspection'],
    }[dialect.token] as [string];
    const seen = await form(server.url + introspection, { token: body.access_token, ...template.inBody });
    expect(seen.body).toMatchObject({
      active: true,
      client_id: template.id,
      scope: 'book:1:read',
      sub: expect.stringMatching(WORKLOAD),
      federated: { iss: platform.issuer, sub },
    });
    const uses = (await admin(server).get(`/Client/${template.id}`)).body.last_uses;
    expect(uses.map((use: any) => use.rule)).toContainEqual({ issuer: platform.issuer, subject: 'agent/**' });
    if (dialect === NATIVE) return;
    const claims = decodeJwt(body.access_token);
    expect(claims).toMatchObject({ sub: seen.body.sub, client_id: template.id, azp: template.id });
    expect(claims).not.toHaveProperty('gty');
  });

  it('names a workload by its issuer and subject, the same each time', async () => {
    const { server } = library;
    const other = await Platform.start({ alg: 'ES256' });
    try {
      await other.trust(server, 'other-agents', {
        admits: [{ subject: '**', template: { reference: `Client/${template.id}` } }],
      });
      const subjectOf = async (assertion: string) => {
        const { body } = await ask(assertion);
        return (await form(`${server.url}/auth/introspect`, { token: body.access_token, ...template.inBody }))
          .body.sub;
      };
      const mine = await subjectOf(await agent('agent/same'));
      expect(await subjectOf(await agent('agent/same'))).toBe(mine);
      expect(await subjectOf(await agent('agent/same2'))).not.toBe(mine);
      expect(await subjectOf(await other.token(server, { sub: 'agent/same' }))).not.toBe(mine);
    } finally {
      await admin(server).delete('/TrustedIssuer/other-agents');
      await other.stop();
    }
  });

  it.each([
    ['a subject that is not admitted', { sub: 'job/1' }],
    ['a claim', { team: 'sales' }],
    ['no claim', { team: undefined }],
    ['aud', { aud: 'https://another.example' }],
    ['iss', { iss: 'https://another.example' }],
    ['a lifetime', { exp: nowSeconds() + 9000 }],
    ['expired', { exp: nowSeconds() - 600, iat: nowSeconds() - 700 }],
  ])('is refused for %s with the same 400', async (_what, claims) => {
    const { status, body } = await ask(await agent('agent/wrong', claims));
    expect([status, body]).toEqual([400, REFUSED]);
  });

  it('is refused for another key, a second use, and text that is no JWT', async () => {
    const strange = await Signer.make('ES256', { kid: String(platform.signer.jwk.kid) });
    const aud = issuerOf(library.server, NATIVE);
    const claims = { iss: platform.issuer, sub: 'agent/x', team: 'research', aud, exp: nowSeconds() + 60 };
    expect((await ask(await strange.sign(claims))).body).toEqual(REFUSED);
    const once = await agent('agent/once');
    expect((await ask(once)).status).toBe(200);
    expect((await ask(once)).body).toEqual(REFUSED);
    expect((await ask('a.b.c')).body).toEqual(REFUSED);
  });

  it('rejects client authentication, and is no grant of a client', async () => {
    const { server } = library;
    const assertion = await agent('agent/alone');
    for (const beside of [{ client_id: template.id }, template.inBody]) {
      expect((await ask(assertion, beside)).body.error).toBe('invalid_request');
    }
    const fields = { grant_type: GRANT, assertion, audience: 'urn:library' };
    expect((await form(server.url + NATIVE.token, fields, template.basic)).body.error).toBe(
      'invalid_request',
    );
    expect((await form(server.url + NATIVE.token, { grant_type: GRANT })).body).toEqual({
      error: 'invalid_request',
      error_description: 'assertion is required',
    });
  });

  it('is limited to the policies of the template, and issues no token for this server itself', async () => {
    expect((await ask(await agent('agent/more'), { scope: 'book:1:write' })).body.error).toBe(
      'invalid_scope',
    );
    const own = { scope: undefined, audience: undefined };
    expect((await ask(await agent('agent/own'), own)).body.error).toBe('invalid_target');
    expect(
      (await ask(await agent('agent/own'), { scope: undefined, audience: library.own })).body.error,
    ).toBe('invalid_target');
  });

  it('limits each workload by the quota of the template', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 7; n++) statuses.push((await ask(await agent('agent/runaway'))).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
    expect((await ask(await agent('agent/calm'))).status).toBe(200);
    expect((await template.ask(NATIVE, { audience: 'urn:library', scope: 'book:1:read' })).status).toBe(200);
  });

  it('gives a thousand unseen subjects tokens without a row of configuration; closing one leaves the others', async () => {
    const { server } = library;
    const rest = admin(server);
    const counts = async () =>
      Promise.all(
        ['client', 'policy', 'policy_client', 'resource', 'trusted_issuer', 'federated_rule'].map(
          async (table) => Number((await query(server, `SELECT COUNT(*) AS n FROM ${table}`))[0]?.n),
        ),
      );
    const before = await counts();
    const tokens: string[] = [];
    for (let start = 0; start < 1000; start += 50) {
      const answers = await Promise.all(
        Array.from({ length: 50 }, async (_, n) => ask(await agent(`agent/thousand/${start + n}`))),
      );
      tokens.push(...answers.map(({ body }) => body.access_token));
    }
    expect(tokens.filter((token) => typeof token === 'string')).toHaveLength(1000);
    expect(await counts()).toEqual(before);
    const introspect = async (token: string) =>
      (await form(`${server.url}/auth/introspect`, { token, ...template.inBody })).body;
    const { sub } = await introspect(tokens[500] as string);
    const found = await rest.get(`/Session?workload=${sub}`);
    expect(found.body.entry.map(({ resource }: any) => resource)).toEqual([
      expect.objectContaining({ workload: sub, type: 'jwt_bearer', active: true }),
    ]);
    expect((await rest.delete(`/Session?workload=${sub}`)).status).toBe(204);
    expect((await rest.delete(`/Session?workload=${sub}`)).status).toBe(204);
    const active = [];
    for (let start = 0; start < 1000; start += 50) {
      const seen = await Promise.all(tokens.slice(start, start + 50).map(introspect));
      active.push(...seen.map((one) => one.active));
    }
    expect(active.filter(Boolean)).toHaveLength(999);
    expect(active[500]).toBe(false);
    expect((await ask(await agent('agent/thousand/500'))).status).toBe(200);
  });

  it('lets a workload close its own session, and see no other', async () => {
    const { server } = library;
    const { body } = await ask(await agent('agent/closing'));
    expect((await get(`${server.url}/Session`, bearer(body.access_token))).status).toBe(401);
    const closed = await request(`${server.url}/Session`, {
      method: 'DELETE',
      headers: bearer(body.access_token),
    });
    expect(closed.status).toBe(204);
  });
});

describe('TrustedIssuer.admits', () => {
  it('shows its entries, and rejects wrong ones', async () => {
    const { body } = await admit();
    expect(body.admits).toEqual([
      {
        subject: 'agent/**',
        claims: { team: 'research' },
        template: { resourceType: 'Client', id: template.id },
      },
    ]);
    expect((await admin(library.server).put('/TrustedIssuer/agents', body)).body.meta).toEqual(body.meta);
    for (const [entry, path] of [
      [{ template: template.id }, 'admits[0].subject'],
      [{ subject: '**', template: 'nobody' }, 'admits[0].template'],
      [{ subject: '**' }, 'admits[0].template'],
      [{ subject: 'a***', template: template.id }, 'admits[0].subject'],
      [{ claims: { a: {} }, template: template.id }, 'admits[0].claims.a'],
      [{ subject: '**', template: template.id, x: 1 }, 'admits[0].x'],
    ] as const) {
      const { status, body: problem } = await admit({ admits: [entry] });
      expect([status, problem.errors[0].path]).toEqual([422, path]);
    }
    const pinned = {
      shared: true,
      pins: ['repository_owner_id'],
      admits: [{ subject: '**', template: template.id }],
    };
    expect((await admit(pinned)).body.errors[0].path).toBe('admits[0].claims');
    const right = [{ claims: { repository_owner_id: '65' }, template: template.id }];
    expect((await admit({ ...pinned, admits: right })).status).toBe(200);
    await admit();
  });

  it('keeps its template from deletion; disabling the template ends the tokens of its workloads', async () => {
    const { server } = library;
    const rest = admin(server);
    expect((await rest.delete(`/Client/${template.id}`)).status).toBe(409);
    const { body } = await ask(await agent('agent/disabled'));
    await rest.patch(`/Client/${template.id}`, { active: false });
    const root = basic(server.adminId, server.adminSecret);
    expect(
      (await form(`${server.url}/auth/introspect`, { token: body.access_token }, root)).body.active,
    ).toBe(false);
    expect((await ask(await agent('agent/disabled'))).body).toEqual(REFUSED);
    await rest.patch(`/Client/${template.id}`, { active: true });
  });

  it('requires holding what the template holds', async () => {
    const { server } = library;
    const writer = await aClient(server)
      .with({ grant_types: ['basic'] })
      .withGrant('TrustedIssuer:*:*')
      .register();
    const rest = admin(server, basic(writer.id, writer.secret));
    const members = { issuer: 'https://mine.example', jwks: { keys: [] } };
    const admits = [{ subject: '**', template: template.id }];
    expect((await rest.put('/TrustedIssuer/mine', { ...members, admits })).status).toBe(403);
    expect((await rest.put('/TrustedIssuer/mine', members)).status).toBe(201);
    expect((await rest.patch('/TrustedIssuer/agents', { jwks: { keys: [] } })).status).toBe(403);
  });

  it('needs the right to close sessions of the template', async () => {
    const { server } = library;
    const client = await aClient(server)
      .with({ grant_types: ['basic'] })
      .register();
    const workload = `workload:${'a'.repeat(43)}`;
    const rest = admin(server, basic(client.id, client.secret));
    expect((await rest.delete(`/Session?workload=${workload}`)).status).toBe(403);
    expect((await admin(server).delete('/Session?workload=x')).status).toBe(400);
    expect((await admin(server).delete(`/Session?workload=${workload}&client=a`)).status).toBe(400);
  });
});
