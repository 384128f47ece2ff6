import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { INVALID_CLIENT, issuerOf, nowSeconds, Signer } from '../../support/assertions.js';
import { NATIVE } from '../../support/dialects.js';
import { KeyServer } from '../../support/key-server.js';
import { useLibrary } from '../../support/library.js';
import { aFederatedClient, JWT_SPIFFE, present } from '../../support/platforms.js';
import { register } from '../../support/registration.js';

/*
 * Bundles and JWT-SVIDs as SPIRE 1.13 writes them: authorities for X.509 beside those for JWTs, without `alg`; `aud` is
 * a list; no `jti`; `iss` only where the server has `jwt_issuer`.
 */

const library = useLibrary({ env: { LATCHKEY_PRIVATE_JWKS_URI: 'allow' } });
const SUBJECT = 'spiffe://example.org/ns/shop/sa/api';
let place: KeyServer;
let signer: Signer;

const x509Authority = () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { use: 'x509-svid', ...publicKey.export({ format: 'jwk' }), x5c: ['MIIB'] };
};

const publish = (members: object, ...keys: object[]) =>
  place.answer((response) => response.end(JSON.stringify({ keys, ...members })));

const jwtAuthority = ({ jwk }: Signer) => {
  const { alg: _, use: __, ...bare } = jwk;
  return { use: 'jwt-svid', ...bare };
};

const svid = (claims: Record<string, unknown> = {}, by = signer) => {
  const iat = nowSeconds();
  const own = { aud: [issuerOf(library.server, NATIVE)], exp: iat + 300, iat, sub: SUBJECT };
  return by.sign({ ...own, ...claims }, { typ: 'JWT' });
};

const ask = (assertion: string, type = JWT_SPIFFE) =>
  present(library.server, assertion, { client_assertion_type: type });

beforeAll(async () => {
  place = await KeyServer.start();
  signer = await Signer.make('ES256');
  await register(library.server, 'TrustedIssuer', 'spire', {
    issuer: 'spiffe://example.org',
    jwks_uri: place.uri(),
    replay: 'reuse',
  });
  await aFederatedClient(library.server, [{ issuer: 'spire', subject: 'spiffe://example.org/ns/*/sa/api' }]);
});

afterAll(() => place.stop());

describe('A JWT-SVID as SPIRE writes it', () => {
  it('is verified by a bundle with authorities for X.509, a sequence and a refresh hint', async () => {
    publish({ spiffe_sequence: 1, spiffe_refresh_hint: 60 }, x509Authority(), jwtAuthority(signer));
    const token = await svid();
    for (let again = 0; again < 3; again++) expect((await ask(token)).status).toBe(200);
    expect((await ask(await svid({ iss: 'https://oidc.example' }))).status).toBe(200);
    expect(place.requests).toBe(1);
  });

  it('is verified by a new authority as soon as the bundle has it', async () => {
    const next = await Signer.make('ES256');
    publish({ spiffe_sequence: 2 }, x509Authority(), jwtAuthority(signer), jwtAuthority(next));
    expect((await ask(await svid({}, next))).status).toBe(200);
    expect((await ask(await svid())).status).toBe(200);
    expect(place.requests).toBe(2);
  });

  it.each([
    ['aud of several servers', { aud: ['https://another.example', 'MINE'] }],
    ['aud of another server', { aud: ['https://another.example'] }],
    ['an empty aud', { aud: [] }],
    ['a workload of another name', { sub: `${SUBJECT}/x` }],
    ['a trust domain in capitals', { sub: SUBJECT.replace('example.org', 'EXAMPLE.ORG') }],
    ['the id of the trust domain', { sub: 'spiffe://example.org' }],
  ])('is refused for %s', async (_what, claims: Record<string, unknown>) => {
    const aud = (claims.aud as string[] | undefined)?.map((one) =>
      one === 'MINE' ? issuerOf(library.server, NATIVE) : one,
    );
    expect((await ask(await svid({ ...claims, ...(aud ? { aud } : {}) }))).body).toEqual(INVALID_CLIENT);
  });

  it('is not verified by an authority for X.509', async () => {
    const other = await Signer.make('ES256');
    await register(library.server, 'TrustedIssuer', 'spire', {
      issuer: 'spiffe://example.org',
      jwks_uri: place.uri('127.0.0.1', '/bundle'),
      replay: 'reuse',
    });
    publish({}, { ...jwtAuthority(other), use: 'x509-svid' }, jwtAuthority(signer));
    expect((await ask(await svid({}, other))).body).toEqual(INVALID_CLIENT);
    expect((await ask(await svid())).status).toBe(200);
  });
});
