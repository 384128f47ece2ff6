import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { INVALID_CLIENT, issuerOf, nowSeconds, Signer } from '../support/assertions.js';
import { AUTHING, NATIVE } from '../support/dialects.js';
import { useLibrary } from '../support/library.js';
import { aFederatedClient, GITHUB, Platform, present } from '../support/platforms.js';
import { aClient } from '../support/registration.js';

const library = useLibrary({ env: { LATCHKEY_PRIVATE_JWKS_URI: 'allow' } });
let github: Platform;
let other: Platform;
let strange: Signer;
let clientId = '';

beforeAll(async () => {
  const { server } = library;
  github = await Platform.start();
  other = await Platform.start();
  strange = await Signer.make('RS256');
  await github.trust(server, 'github', { algs: ['RS256'], max_lifetime_seconds: 600 });
  await other.trust(server, 'other', { replay: 'reuse' });
  clientId = (await aFederatedClient(server, [{ issuer: 'github', ...GITHUB.rule }])).id;
});

afterAll(() => Promise.all([github.stop(), other.stop()]));

const now = nowSeconds();

/** One thing each that is wrong with an assertion that would be accepted. */
const WRONG: [string, Record<string, unknown>, Record<string, unknown>?][] = [
  ['sub', { sub: 'repo:acme/shop:ref:refs/heads/other' }],
  ['sub in another case', { sub: 'REPO:acme/shop:ref:refs/heads/main' }],
  ['no sub', { sub: undefined }],
  ['a sub that is a list', { sub: ['repo:acme/shop:ref:refs/heads/main'] }],
  ['a claim', GITHUB.stranger],
  ['a claim of another type', { repository_owner_id: 65 }],
  ['a missing claim', { event_name: undefined }],
  ['aud', { aud: 'https://another.example' }],
  ['no aud', { aud: undefined }],
  ['aud of another dialect', { aud: 'OIDC' }],
  ['a list of two aud', { aud: 'TWO' }],
  ['iss', { iss: 'https://token.actions.githubusercontent.com' }],
  ['iss with a slash', { iss: 'SLASH' }],
  ['iss of another trusted issuer', { iss: 'OTHER' }],
  ['alg', {}, { alg: 'PS256' }],
  ['kid', {}, { kid: 'unknown' }],
  ['a key in the header', {}, { jwk: {} }],
  ['typ', {}, { typ: 'at+jwt' }],
  ['expired', { exp: now - 60, iat: now - 120 }],
  ['a lifetime of more than max_lifetime_seconds', { iat: now - 100, exp: now + 560 }],
  ['an exp too far ahead', { iat: undefined, exp: now + 700 }],
  ['no exp', { exp: undefined }],
  ['not yet valid', { nbf: now + 300 }],
  ['issued in the future', { iat: now + 300, exp: now + 400 }],
];

function claimsOf(claims: Record<string, unknown>): Record<string, unknown> {
  const { server } = library;
  const meant: Record<string, unknown> = {
    OIDC: issuerOf(server, AUTHING),
    TWO: [issuerOf(server, NATIVE), 'https://another.example'],
    SLASH: `${github.issuer}/`,
    OTHER: other.issuer,
  };
  const replaced = Object.entries(claims).map(([name, value]) => [name, meant[String(value)] ?? value]);
  return { ...GITHUB.claims, ...Object.fromEntries(replaced) };
}

const signerFor = async (alg: unknown): Promise<Signer> =>
  alg === 'PS256' ? Signer.make('PS256', { kid: String(github.signer.jwk.kid) }) : github.signer;

describe('An assertion of a trusted issuer', () => {
  it('is accepted if nothing is wrong', async () => {
    const { server } = library;
    expect((await present(server, await github.token(server, GITHUB.claims))).status).toBe(200);
  });

  it.each(WRONG)(
    'is rejected for %s with the same 401, with and without client_id',
    async (_what, claims, header = {}) => {
      const { server } = library;
      const signer = github.signer;
      github.signer = await signerFor(header.alg);
      try {
        for (const fields of [{}, { client_id: clientId }]) {
          const answer = await present(server, await github.token(server, claimsOf(claims), header), fields);
          expect([answer.status, answer.body]).toEqual([401, INVALID_CLIENT]);
          expect(answer.headers.get('www-authenticate')).toMatch(/^Basic/);
        }
      } finally {
        github.signer = signer;
      }
    },
  );

  it('is rejected if it is signed with another key, under its kid or without one', async () => {
    const { server } = library;
    const claims = {
      iss: github.issuer,
      aud: issuerOf(server, NATIVE),
      exp: now + 300,
      jti: 'x',
      ...GITHUB.claims,
    };
    for (const header of [{ kid: github.signer.jwk.kid }, { kid: undefined }, {}]) {
      expect((await present(server, await strange.sign(claims, header))).body).toEqual(INVALID_CLIENT);
    }
  });

  it('is rejected with the key of another trusted issuer under the kid of its own', async () => {
    const { server } = library;
    other.publish(other.signer.jwk, { ...strange.jwk, kid: github.signer.jwk.kid });
    const claims = {
      iss: github.issuer,
      aud: issuerOf(server, NATIVE),
      exp: now + 300,
      jti: 'y',
      ...GITHUB.claims,
    };
    const forged = await strange.sign(claims, { kid: github.signer.jwk.kid });
    expect((await present(server, forged)).body).toEqual(INVALID_CLIENT);
  });

  it('authenticates no other client, and none that is disabled or deleted', async () => {
    const { server } = library;
    const rest = admin(server);
    const bystander = await aClient(server).withGrant('book:*:read').register();
    const token = () => github.token(server, GITHUB.claims);
    expect((await present(server, await token(), { client_id: bystander.id })).body).toEqual(INVALID_CLIENT);
    expect((await present(server, await token(), { client_id: 'nobody' })).body).toEqual(INVALID_CLIENT);
    await rest.patch(`/Client/${clientId}`, { active: false });
    expect((await present(server, await token())).body).toEqual(INVALID_CLIENT);
    expect((await present(server, await token(), { client_id: clientId })).body).toEqual(INVALID_CLIENT);
    await rest.patch(`/Client/${clientId}`, { active: true });
    expect((await present(server, await token())).status).toBe(200);
  });

  it('is not used up by a request that is refused', async () => {
    const { server } = library;
    const token = await github.token(server, GITHUB.claims);
    expect((await present(server, token, { client_id: 'nobody' })).status).toBe(401);
    expect((await present(server, token)).status).toBe(200);
  });

  it('ends with the rule or the trust that it needs', async () => {
    const { server } = library;
    const rest = admin(server);
    const client = await aFederatedClient(server, [{ issuer: 'other', subject: 'a' }]);
    const token = await other.token(server, { sub: 'a' });
    expect((await present(server, token)).status).toBe(200);
    await rest.patch('/TrustedIssuer/other', { audiences: ['https://another.example'] });
    expect((await present(server, token)).body).toEqual(INVALID_CLIENT);
    const meant = await other.token(server, { sub: 'a', aud: ['https://another.example'] });
    expect((await present(server, meant)).status).toBe(200);
    await rest.patch(`/Client/${client.id}`, { federated: null });
    expect((await present(server, meant)).body).toEqual(INVALID_CLIENT);
  });

  it('cannot be replaced by a token of this server', async () => {
    const { server } = library;
    const own = await aClient(server)
      .withTokens({ token_format: 'jwt', profile: 'classic' })
      .withGrant('book:*:read')
      .register();
    const access = await own.token(NATIVE, { audience: 'urn:library', scope: 'book:1:read' });
    expect((await present(server, access)).body).toEqual(INVALID_CLIENT);
  });
});
