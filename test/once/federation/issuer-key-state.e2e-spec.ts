import { afterAll, describe, expect, it } from 'vitest';
import { admin } from '../../support/admin.js';
import { MINUTE_MS, SECOND_MS } from '../../support/clock.js';
import { useLibrary } from '../../support/library.js';
import { PassingTime } from '../../support/passing-time.js';
import { Platform } from '../../support/platforms.js';
import { aClient } from '../../support/registration.js';

const time = new PassingTime();
const library = useLibrary({ env: { LATCHKEY_PRIVATE_JWKS_URI: 'allow', ...time.env } });
const platforms: Platform[] = [];

async function aTrusted(members: (platform: Platform) => Record<string, unknown> = () => ({})) {
  const platform = await Platform.start({ alg: 'ES256' });
  platforms.push(platform);
  const id = `issuer-${platforms.length}`;
  await platform.trust(library.server, id, members(platform));
  return { platform, path: `/TrustedIssuer/${id}/$keys` };
}

const read = async (path: string) => (await admin(library.server).get(path)).body;

const anAdministrator = (operation: string) =>
  aClient(library.server)
    .with({ grant_types: ['basic'] })
    .withGrant(`TrustedIssuer:*:${operation}`)
    .register();

const keyOf = ({ signer }: Platform) => ({ kid: signer.jwk.kid, kty: 'EC', crv: 'P-256', algs: ['ES256'] });

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);

afterAll(async () => {
  time.remove();
  await Promise.all(platforms.map((platform) => platform.stop()));
});

describe('The state of the keys of a trusted issuer', () => {
  it('is current once they are fetched, stale while the issuer is away, and unavailable after an hour', async () => {
    const { platform, path } = await aTrusted();
    const fetched = { source: 'discovery', fetched_at: TIME, usable_until: TIME, keys: [keyOf(platform)] };
    const state = await read(path);
    expect(state).toEqual({ ...fetched, state: 'current' });
    expect(Date.parse(state.usable_until) - Date.parse(state.fetched_at)).toBe(60 * MINUTE_MS);
    platform.isAway = true;
    expect(await read(path)).toEqual({ ...fetched, state: 'current' });
    time.pass(5 * MINUTE_MS);
    const failed = { failed_at: TIME, failure: expect.any(String) };
    expect(await read(path)).toEqual({ ...fetched, ...failed, state: 'stale' });
    time.pass(55 * MINUTE_MS);
    expect(await read(path)).toEqual({ source: 'discovery', state: 'unavailable', ...failed, keys: [] });
    platform.isAway = false;
    time.pass(SECOND_MS);
    expect(await read(path)).toEqual({ ...fetched, state: 'current' });
  });

  it('is unavailable where the first fetch fails, in words and without the address', async () => {
    const { path, platform } = await aTrusted(({ jwksUri }) => ({ jwks_uri: jwksUri }));
    platform.isAway = true;
    const { failure, ...state } = await read(path);
    expect(state).toEqual({ source: 'jwks_uri', state: 'unavailable', failed_at: TIME, keys: [] });
    expect(failure).not.toContain(String(platform.place.port));
  });

  it('is registered where they stand in the document, with the algorithms that the issuer leaves them', async () => {
    const { platform, path } = await aTrusted(({ signer }) => ({
      jwks: { keys: [signer.jwk] },
      algs: ['RS256'],
    }));
    const keys = [{ ...keyOf(platform), algs: [] }];
    expect(await read(path)).toEqual({ source: 'jwks', state: 'registered', keys });
    expect(platform.place.requests).toBe(0);
  });

  it('is shown to callers that may read the issuer, and to no others', async () => {
    const { path } = await aTrusted();
    const reader = await anAdministrator('read');
    expect((await admin(library.server, reader.basic).get(path)).status).toBe(200);
    const writer = await anAdministrator('update');
    expect((await admin(library.server, writer.basic).get(path)).status).toBe(403);
    expect((await admin(library.server).get('/TrustedIssuer/none/$keys')).status).toBe(404);
    expect((await admin(library.server).get(`${path}?refresh=true`)).status).toBe(400);
  });
});
