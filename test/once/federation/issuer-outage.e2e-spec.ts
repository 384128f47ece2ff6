import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { INVALID_CLIENT, Signer } from '../../support/assertions.js';
import { MINUTE_MS, SECOND_MS } from '../../support/clock.js';
import { useLibrary } from '../../support/library.js';
import { PassingTime } from '../../support/passing-time.js';
import { aFederatedClient, Platform, present } from '../../support/platforms.js';

const time = new PassingTime();
const library = useLibrary({ env: { LATCHKEY_PRIVATE_JWKS_URI: 'allow', ...time.env } });
const platforms: Platform[] = [];

/** A platform with two keys, whose workload `a` is a client. */
async function aTrusted(byDiscovery: boolean) {
  const platform = await Platform.start({ alg: 'ES256' });
  platforms.push(platform);
  const next = await Signer.make('ES256');
  const former = platform.signer;
  platform.publish(former.jwk, next.jwk);
  const id = `issuer-${platforms.length}`;
  const keys = byDiscovery ? {} : { jwks_uri: platform.jwksUri };
  await platform.trust(library.server, id, { replay: 'reuse', ...keys });
  await aFederatedClient(library.server, [{ issuer: id, subject: 'a' }]);
  const by = async (signer: Signer) => {
    platform.signer = signer;
    return present(library.server, await platform.token(library.server, { sub: 'a' }));
  };
  return { platform, former, next, by };
}

afterAll(async () => {
  time.remove();
  await Promise.all(platforms.map((platform) => platform.stop()));
});

describe.each([
  ['discovery', true],
  ['jwks_uri', false],
])('An issuer whose keys are found by %s', (_how, byDiscovery) => {
  let trusted: Awaited<ReturnType<typeof aTrusted>>;

  beforeAll(async () => {
    trusted = await aTrusted(byDiscovery);
  });

  it('is trusted for ten minutes and more while it is away, by the keys that it had', async () => {
    const { platform, former, next, by } = trusted;
    expect((await by(former)).status).toBe(200);
    platform.isAway = true;
    for (const minutes of [4, 2, 4, 20, 29]) {
      time.pass(minutes * MINUTE_MS);
      expect((await by(former)).status).toBe(200);
      expect((await by(next)).status).toBe(200);
      expect((await by(await Signer.make('ES256'))).body).toEqual(INVALID_CLIENT);
    }
    time.pass(MINUTE_MS);
    expect((await by(former)).body).toEqual(INVALID_CLIENT);
    platform.isAway = false;
    time.pass(SECOND_MS);
    expect((await by(former)).status).toBe(200);
  });

  it('withdraws a key, which works no longer than the cache time of five minutes', async () => {
    const { platform, former, next, by } = trusted;
    expect((await by(former)).status).toBe(200);
    platform.publish(next.jwk);
    time.pass(4 * MINUTE_MS);
    expect((await by(former)).status).toBe(200);
    expect((await by(next)).status).toBe(200);
    time.pass(MINUTE_MS);
    expect((await by(former)).body).toEqual(INVALID_CLIENT);
    expect((await by(next)).status).toBe(200);
  });

  it('withdraws a key at once when another one is new to this server', async () => {
    const { platform, former, next, by } = trusted;
    platform.publish(former.jwk);
    time.pass(5 * MINUTE_MS);
    expect((await by(former)).status).toBe(200);
    platform.publish(next.jwk);
    expect((await by(next)).status).toBe(200);
    expect((await by(former)).body).toEqual(INVALID_CLIENT);
  });

  it('is not held to keys that an outage hides: a withdrawn key ends with the outage', async () => {
    const { platform, former, next, by } = trusted;
    platform.publish(former.jwk, next.jwk);
    time.pass(5 * MINUTE_MS);
    expect((await by(former)).status).toBe(200);
    platform.publish(next.jwk);
    platform.isAway = true;
    time.pass(10 * MINUTE_MS);
    expect((await by(former)).status).toBe(200);
    platform.isAway = false;
    time.pass(SECOND_MS);
    expect((await by(former)).body).toEqual(INVALID_CLIENT);
  });
});
