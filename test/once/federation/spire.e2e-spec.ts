import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../../support/admin.js';
import { INVALID_CLIENT, issuerOf } from '../../support/assertions.js';
import { MINUTE_MS } from '../../support/clock.js';
import { NATIVE } from '../../support/dialects.js';
import { form } from '../../support/http.js';
import { makeCertificate } from '../../support/key-server.js';
import { useLibrary } from '../../support/library.js';
import { PassingTime } from '../../support/passing-time.js';
import { aFederatedClient, JWT_SPIFFE, present } from '../../support/platforms.js';
import { hasDiscoveryProvider, hasSpire, Spire, TRUST_DOMAIN } from '../../support/spire.js';

/** The programs of SPIRE itself; spiffe-bundle.e2e-spec.ts has the same formats without them. */
describe.skipIf(!hasSpire())('A workload of a SPIRE server and agent', () => {
  const time = new PassingTime();
  const library = useLibrary({ env: { LATCHKEY_PRIVATE_JWKS_URI: 'allow', ...time.env } });
  const PATH = '/ns/shop/sa/api';
  const rule = { subject: `${TRUST_DOMAIN}/ns/*/sa/api` };
  let spire: Spire;
  let clientId: string;
  const audience = () => issuerOf(library.server, NATIVE);
  const bySvid = (svid: string) => present(library.server, svid, { client_assertion_type: JWT_SPIFFE });

  beforeAll(async () => {
    spire = await Spire.start(await makeCertificate());
    spire.register(PATH);
    await admin(library.server).put('/TrustedIssuer/spire', {
      issuer: TRUST_DOMAIN,
      jwks_uri: spire.bundleUri,
      ca: spire.ca,
      replay: 'reuse',
    });
    clientId = (await aFederatedClient(library.server, [{ issuer: 'spire', ...rule }])).id;
  });

  afterAll(async () => {
    await spire?.stop();
    time.remove();
  });

  it('gets a token by the JWT-SVID of its agent, as often as it likes (jwt-spiffe)', async () => {
    const svid = await spire.svid(PATH, audience());
    for (let again = 0; again < 2; again++) expect((await bySvid(svid)).status).toBe(200);
    const { body } = await admin(library.server).get(`/Session?client=${clientId}`);
    expect(body.entry[0].resource.federated).toEqual({ iss: TRUST_DOMAIN, sub: `${TRUST_DOMAIN}${PATH}` });
    expect((await bySvid(spire.mint(PATH, 'https://another.example'))).body).toEqual(INVALID_CLIENT);
    expect((await bySvid(spire.mint('/ns/shop/sa/web', audience()))).body).toEqual(INVALID_CLIENT);
  });

  it('gets a token without a client of its own (jwt-bearer grant)', async () => {
    const admits = [{ subject: `${TRUST_DOMAIN}/ns/**`, template: clientId }];
    await admin(library.server).patch('/TrustedIssuer/spire', { admits });
    const { status, body } = await form(library.server.url + NATIVE.token, {
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: spire.mint('/ns/shop/sa/web', audience()),
      audience: 'urn:library',
      scope: 'book:1:read',
    });
    expect([status, body.scope]).toEqual([200, 'book:1:read']);
  });

  it.skipIf(!hasDiscoveryProvider())(
    'gets a token by the issuer of its OIDC Discovery Provider (jwt-bearer)',
    async () => {
      const { server } = library;
      await spire.startDiscoveryProvider();
      await admin(server).put('/TrustedIssuer/provider', { issuer: spire.issuer, replay: 'reuse' });
      await aFederatedClient(server, [{ issuer: 'provider', ...rule }]);
      expect((await present(server, spire.mint(PATH, audience()))).status).toBe(200);
    },
  );

  it('is refused by a key that the server has revoked, after the cache time at the latest', async () => {
    const former = spire.mint(PATH, audience());
    expect((await bySvid(former)).status).toBe(200);
    const revoked = spire.rotate();
    const next = spire.mint(PATH, audience());
    expect((await bySvid(next)).status).toBe(200);
    expect((await bySvid(former)).status).toBe(200);
    spire.revoke(revoked);
    time.pass(5 * MINUTE_MS);
    await expect.poll(async () => (await bySvid(former)).status, { timeout: 15_000 }).toBe(401);
    expect((await bySvid(next)).status).toBe(200);
  });
});
