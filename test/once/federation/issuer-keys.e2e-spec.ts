import { afterAll, describe, expect, it } from 'vitest';
import { admin } from '../../support/admin.js';
import { INVALID_CLIENT, Signer } from '../../support/assertions.js';
import { useLibrary } from '../../support/library.js';
import { aFederatedClient, Platform, present } from '../../support/platforms.js';

const library = useLibrary({ env: { LATCHKEY_PRIVATE_JWKS_URI: 'allow' } });
const platforms: Platform[] = [];
let made = 0;

/** A platform whose workload `a` is a client. */
async function aTrusted(members: (platform: Platform) => object = () => ({}), options = {}) {
  const platform = await Platform.start(options);
  platforms.push(platform);
  const id = `issuer-${++made}`;
  await platform.trust(library.server, id, { replay: 'reuse', ...members(platform) });
  await aFederatedClient(library.server, [{ issuer: id, subject: 'a' }]);
  const ask = async () => present(library.server, await platform.token(library.server, { sub: 'a' }));
  return { platform, id, ask };
}

afterAll(() => Promise.all(platforms.map((platform) => platform.stop())));

describe('The keys of a trusted issuer', () => {
  it('are found by discovery, once, and used while the issuer is away', async () => {
    const { platform, ask } = await aTrusted();
    for (let again = 0; again < 3; again++) expect((await ask()).status).toBe(200);
    expect(platform.place.paths).toEqual(['/.well-known/openid-configuration', '/jwks.json']);
    platform.isAway = true;
    for (let again = 0; again < 3; again++) expect((await ask()).status).toBe(200);
    expect(platform.place.requests).toBe(2);
  });

  it('are not taken from the metadata of another issuer (OpenID Connect Discovery 4.3)', async () => {
    const { platform, ask } = await aTrusted();
    platform.named = `${platform.issuer}/`;
    expect((await ask()).body).toEqual(INVALID_CLIENT);
    expect(platform.place.paths).toEqual(['/.well-known/openid-configuration']);
  });

  it('are fetched at jwks_uri, with its own authority, and with no other', async () => {
    const https = { https: true };
    const { ask, platform } = await aTrusted(({ jwksUri }) => ({ jwks_uri: jwksUri }), https);
    expect((await ask()).status).toBe(200);
    expect(platform.place.paths).toEqual(['/jwks.json']);
    const another = await Platform.start(https);
    platforms.push(another);
    const wrong = await aTrusted(({ jwksUri }) => ({ jwks_uri: jwksUri, ca: another.ca }), https);
    expect((await wrong.ask()).body).toEqual(INVALID_CLIENT);
    const system = await aTrusted(({ jwksUri }) => ({ jwks_uri: jwksUri, ca: undefined }), https);
    expect((await system.ask()).body).toEqual(INVALID_CLIENT);
  });

  it('are those in the document where it has them, without a fetch', async () => {
    const { ask, platform } = await aTrusted(({ signer }) => ({ jwks: { keys: [signer.jwk] } }));
    expect((await ask()).status).toBe(200);
    expect(platform.place.requests).toBe(0);
    platform.signer = await Signer.make('RS256');
    expect((await ask()).body).toEqual(INVALID_CLIENT);
  });

  it('are fetched again for a new kid, and after a write of the issuer', async () => {
    const { ask, platform, id } = await aTrusted();
    expect((await ask()).status).toBe(200);
    const former = platform.signer;
    platform.signer = await Signer.make('RS256');
    platform.publish(platform.signer.jwk);
    expect((await ask()).status).toBe(200);
    platform.signer = former;
    expect((await ask()).body).toEqual(INVALID_CLIENT);
    platform.publish(former.jwk);
    await admin(library.server).patch(`/TrustedIssuer/${id}`, { description: 'fetch its keys again' });
    expect((await ask()).status).toBe(200);
  });

  it('are not fetched for tokens that name an issuer which is not trusted', async () => {
    const stranger = await Platform.start();
    platforms.push(stranger);
    const token = await stranger.token(library.server, { sub: 'a' });
    expect((await present(library.server, token)).body).toEqual(INVALID_CLIENT);
    expect(stranger.place.requests).toBe(0);
  });
});
