import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../../support/admin.js';
import { INVALID_CLIENT, issuerOf } from '../../support/assertions.js';
import { AUTH0, AUTHING, DIALECTS, NATIVE } from '../../support/dialects.js';
import { form } from '../../support/http.js';
import { useLibrary } from '../../support/library.js';
import {
  aFederatedClient,
  GITHUB,
  JWT_SPIFFE,
  KINDS,
  KUBERNETES,
  Platform,
  present,
} from '../../support/platforms.js';

const library = useLibrary({ env: { LATCHKEY_PRIVATE_JWKS_URI: 'allow' } });
const platforms: Platform[] = [];

async function aPlatform(id: string, members: Record<string, unknown> = {}, https = false) {
  const platform = await Platform.start({ https });
  platforms.push(platform);
  await platform.trust(library.server, id, members);
  return platform;
}

let github: Platform;

beforeAll(async () => {
  github = await aPlatform('github');
});

afterAll(() => Promise.all(platforms.map((platform) => platform.stop())));

describe('A client without a secret', () => {
  it.each(KINDS)(
    'gets a token by a token of $name (RFC 7523 2.2)',
    async ({ name, claims, rule, stranger }) => {
      const { server } = library;
      const platform = await aPlatform(`kind-${name}`, { replay: 'reuse' }, true);
      const client = await aFederatedClient(server, [{ issuer: platform.issuer, ...rule }]);
      const aud = [issuerOf(server, NATIVE)];
      const token = await platform.token(server, { ...claims, aud });
      const answer = await present(server, token);
      expect(answer.body).toMatchObject({ token_type: 'Bearer', scope: 'book:1:read' });
      expect((await present(server, token, { client_id: client.id })).status).toBe(200);
      expect((await present(server, await platform.token(server, { ...claims, ...stranger }))).body).toEqual(
        INVALID_CLIENT,
      );
      const shown = await admin(server).get(`/Client/${client.id}`);
      expect(shown.body).not.toHaveProperty('secrets');
      expect(shown.body.federated).toEqual([{ issuer: platform.issuer, ...rule }]);
      expect(shown.body.last_uses).toEqual([
        {
          rule: { issuer: platform.issuer, ...rule },
          time: expect.any(String),
          address: '127.0.0.1',
          user_agent: expect.any(String),
        },
      ]);
    },
  );

  it.each(DIALECTS)('authenticates at every endpoint of the $name dialect', async (dialect) => {
    const { server } = library;
    const { claims, rule } = GITHUB;
    const subject = `repo:acme/every:${dialect.token}`;
    const client = await aFederatedClient(server, [{ issuer: 'github', ...rule, subject }]);
    const mine = { ...claims, sub: subject };
    const token = () => github.token(server, { ...mine, aud: issuerOf(server, dialect) });
    const access = (await present(server, await token(), {}, dialect.token)).body.access_token;
    const fields = async () => ({
      token: access,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await token(),
    });
    const paths = {
      [NATIVE.token]: ['/auth/introspect', '/auth/revoke'],
      [AUTH0.token]: ['/oauth/introspect', '/oauth/revoke'],
      [AUTHING.token]: ['/oidc/token/introspection', '/oidc/token/revocation'],
    };
    const [introspection, revocation] = paths[dialect.token] as [string, string];
    const seen = await form(server.url + introspection, await fields());
    expect(seen.body).toMatchObject({ active: true, client_id: client.id });
    expect(seen.body.federated).toEqual({
      iss: github.issuer,
      sub: mine.sub,
      jti: expect.any(String),
    });
    expect((await form(server.url + revocation, await fields())).status).toBe(200);
    expect((await form(server.url + introspection, await fields())).body).toEqual({ active: false });
  });

  it('is recorded by iss, sub and jti in session, audit and introspection, without the assertion', async () => {
    const { server } = library;
    const client = await aFederatedClient(server, [{ issuer: 'github', subject: 'repo:acme/audited:**' }]);
    const sub = 'repo:acme/audited:ref:refs/heads/ä';
    const token = await github.token(server, { sub, jti: 'of-this-run' });
    expect((await present(server, token)).status).toBe(200);
    const identity = { iss: github.issuer, sub, jti: 'of-this-run' };
    const { body } = await admin(server).get(`/Session?client=${client.id}`);
    expect(body.entry.map(({ resource }: any) => resource.federated)).toEqual([identity]);
    const issued = async () => {
      const events = await admin(server).get(`/AuditEvent?client=${client.id}&action=token.issue`);
      return events.body.entry[0]?.resource.detail.grants[0].sessions[0];
    };
    await expect.poll(issued, { timeout: 30_000, interval: 500 }).toMatchObject({ federated: identity });
  });

  it('keeps its other credentials, and a session by them has no assertion', async () => {
    const { server } = library;
    const client = await aFederatedClient(server, [{ issuer: 'github', subject: 'repo:acme/both:x' }], {
      secret: 'Zq7-a-secret-that-it-has-as-well',
    });
    expect((await client.ask(NATIVE, { audience: 'urn:library', scope: 'book:1:read' })).status).toBe(200);
    const { body } = await admin(server).get(`/Session?client=${client.id}`);
    expect(body.entry[0].resource).not.toHaveProperty('federated');
  });
});

describe('The last uses of a client without a secret', () => {
  it('are by rule, also of those that differ in their claims only', async () => {
    const { server } = library;
    const subject = 'repo:acme/uses:**';
    const rules = ['test', 'production'].map((environment) => ({
      issuer: 'github',
      subject,
      claims: { environment },
    }));
    const client = await aFederatedClient(server, rules);
    const use = async (environment: string) =>
      present(server, await github.token(server, { sub: 'repo:acme/uses:x', environment }));
    const usedRules = async () => {
      const { last_uses } = (await admin(server).get(`/Client/${client.id}`)).body;
      return last_uses.map(({ rule }: any) => JSON.stringify(rule)).sort();
    };
    expect((await use('test')).status).toBe(200);
    expect(await usedRules()).toEqual([JSON.stringify(rules[0])]);
    expect((await use('production')).status).toBe(200);
    expect(await usedRules()).toEqual(rules.map((rule) => JSON.stringify(rule)).sort());
    await admin(server).patch(`/Client/${client.id}`, { federated: rules.slice(1) });
    const removed = JSON.stringify({ issuer: 'github', subject });
    expect(await usedRules()).toEqual([removed, JSON.stringify(rules[1])].sort());
  });
});

describe('One subject of several clients', () => {
  it('gets the client that client_id names, and an error that says that it is needed', async () => {
    const { server } = library;
    const rule = { issuer: 'github', subject: 'repo:acme/several:**' };
    const [one, other] = [await aFederatedClient(server, [rule]), await aFederatedClient(server, [rule])];
    const stranger = await aFederatedClient(server, [{ ...rule, subject: 'repo:acme/another:**' }]);
    const token = await github.token(server, { sub: 'repo:acme/several:x' });
    const ambiguous = await present(server, token);
    expect(ambiguous.status).toBe(401);
    expect(ambiguous.body).toEqual({
      error: 'invalid_client',
      error_description: 'the assertion may authenticate several clients: send client_id',
    });
    expect((await present(server, token, { client_id: stranger.id })).body).toEqual(INVALID_CLIENT);
    expect((await present(server, token, { client_id: other.id })).status).toBe(200);
    const again = await github.token(server, { sub: 'repo:acme/several:x' });
    expect((await present(server, again, { client_id: one.id })).status).toBe(200);
    await admin(server).patch(`/Client/${one.id}`, { active: false });
    const alone = await present(server, await github.token(server, { sub: 'repo:acme/several:x' }));
    expect(alone.status).toBe(200);
  });

  it('gets the same error where more clients than can be compared have such rules', async () => {
    const { server } = library;
    for (let n = 0; n < 101; n++) {
      await admin(server).post('/Client', {
        id: `many-${n}`,
        federated: [{ issuer: 'github', subject: 'repo:acme/many:**', claims: { repository_id: String(n) } }],
      });
    }
    const token = await github.token(server, { sub: 'repo:acme/many:x', repository_id: '7' });
    expect((await present(server, token)).body.error_description).toContain('send client_id');
    expect((await present(server, token, { client_id: 'many-7' })).body.error).toBe('unauthorized_client');
  });

  it('does not keep one client from many subjects', async () => {
    const { server } = library;
    const subjects = ['repo:acme/first:x', 'repo:acme/second:y', 'repo:acme/third:z'];
    await aFederatedClient(
      server,
      subjects.map((subject) => ({ issuer: 'github', subject })),
    );
    for (const sub of subjects) {
      expect((await present(server, await github.token(server, { sub }))).status).toBe(200);
    }
  });
});

describe('An assertion', () => {
  it('is accepted once, by its jti or its content, unless its issuer permits reuse', async () => {
    const { server } = library;
    await aFederatedClient(server, [{ issuer: 'github', subject: 'repo:acme/once:**' }]);
    for (const claims of [{ sub: 'repo:acme/once:x' }, { sub: 'repo:acme/once:x', jti: undefined }]) {
      const token = await github.token(server, claims);
      expect((await present(server, token)).status).toBe(200);
      expect((await present(server, token)).body).toEqual(INVALID_CLIENT);
    }
    const cluster = await aPlatform('reusing', { replay: 'reuse' });
    await aFederatedClient(server, [{ issuer: 'reusing', ...KUBERNETES.rule }]);
    const token = await cluster.token(server, { ...KUBERNETES.claims, jti: undefined });
    for (let again = 0; again < 3; again++) expect((await present(server, token)).status).toBe(200);
  });

  it('shares no jti with another issuer', async () => {
    const { server } = library;
    const other = await aPlatform('other-jti');
    await aFederatedClient(server, [
      { issuer: 'github', subject: 'repo:acme/jti:x' },
      { issuer: 'other-jti', subject: 'repo:acme/jti:x' },
    ]);
    for (const platform of [github, other]) {
      const token = await platform.token(server, { sub: 'repo:acme/jti:x', jti: 'the-same' });
      expect((await present(server, token)).status).toBe(200);
    }
  });
});

describe('A JWT-SVID', () => {
  it('authenticates by its trust domain, with the keys of its bundle (draft-ietf-oauth-spiffe-client-auth-02)', async () => {
    const { server } = library;
    const spire = await Platform.start({ alg: 'ES256', jwk: { use: 'jwt-svid' } });
    platforms.push(spire);
    await spire.trust(server, 'spire', {
      issuer: 'spiffe://example.org',
      jwks_uri: spire.jwksUri,
      replay: 'reuse',
    });
    const client = await aFederatedClient(server, [
      { issuer: 'spiffe://example.org', subject: 'spiffe://example.org/ns/*/sa/api' },
    ]);
    const svid = (claims: Record<string, unknown> = {}, header = {}) =>
      spire.token(
        server,
        {
          iss: undefined,
          jti: undefined,
          iat: undefined,
          sub: 'spiffe://example.org/ns/shop/sa/api',
          ...claims,
        },
        header,
      );
    const as = { client_assertion_type: JWT_SPIFFE };
    const answer = await present(server, await svid({}, { typ: 'JOSE' }), as);
    expect(answer.status).toBe(200);
    const { body } = await admin(server).get(`/Session?client=${client.id}`);
    expect(body.entry[0].resource.federated).toEqual({
      iss: 'spiffe://example.org',
      sub: 'spiffe://example.org/ns/shop/sa/api',
    });
    expect((await present(server, await svid({ iss: 'https://any.example' }), as)).status).toBe(200);
    for (const claims of [
      { sub: 'spiffe://example.com/ns/shop/sa/api' },
      { sub: 'spiffe://example.org.evil.example/ns/shop/sa/api' },
      { sub: 'spiffe://example.org/ns/shop/sa/web' },
      { sub: 'spiffe://example.org' },
      { aud: 'https://another.example' },
    ]) {
      expect((await present(server, await svid(claims), as)).body).toEqual(INVALID_CLIENT);
    }
    // Not under the other type, whose issuers are URLs.
    expect((await present(server, await svid({ iss: 'spiffe://example.org' }))).body).toEqual(INVALID_CLIENT);
    const github2 = await github.token(server, { sub: 'spiffe://example.org/ns/shop/sa/api' });
    expect((await present(server, github2, as)).body).toEqual(INVALID_CLIENT);
  });
});
