import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aSigningClient, nowSeconds, Signer } from '../../support/assertions.js';
import { NATIVE } from '../../support/dialects.js';
import { form } from '../../support/http.js';
import { useLibrary } from '../../support/library.js';
import { aFederatedClient, GITHUB, Platform, present } from '../../support/platforms.js';
import { aClient } from '../../support/registration.js';
import { SignatureCounter } from '../../support/signature-counter.js';

const counter = new SignatureCounter();
const library = useLibrary({
  env: { LATCHKEY_PRIVATE_JWKS_URI: 'allow', LATCHKEY_FAILURES_PER_MINUTE: '0', ...counter.env },
});
const METADATA_AND_KEYS = ['/.well-known/openid-configuration', '/jwks.json'];
let platform: Platform;
let strange: Signer;

beforeAll(async () => {
  const { server } = library;
  platform = await Platform.start();
  strange = await Signer.make('RS256', { kid: String(platform.signer.jwk.kid) });
  const template = await aClient(server).withGrant('book:*:read').register();
  const admits = [{ subject: 'agent/*', template: template.id }];
  await platform.trust(server, 'github', { algs: ['RS256'], admits });
  await aFederatedClient(server, [{ issuer: 'github', ...GITHUB.rule }]);
});

afterAll(() => platform.stop());

const token = (claims = {}, header = {}) =>
  platform.token(library.server, { ...GITHUB.claims, ...claims }, header);

describe('A token of a trusted issuer', () => {
  it('costs one fetch of the keys for all requests that arrive first together', async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, () => token()));
    const answers = await Promise.all(tokens.map((one) => present(library.server, one)));
    expect(answers.map(({ status }) => status)).toEqual(tokens.map(() => 200));
    expect(platform.place.paths).toEqual(METADATA_AND_KEYS);
  });

  it('costs one signature check and no fetch while the keys are cached, like private_key_jwt', async () => {
    const { server } = library;
    const signing = await aSigningClient(server);
    for (let again = 0; again < 10; again++) {
      const [federated, workload] = [await token(), await token({ sub: 'agent/7' })];
      expect(
        await counter.checksOf(async () => expect((await present(server, federated)).status).toBe(200)),
      ).toBe(1);
      const grant = {
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion: workload,
        audience: 'urn:library',
      };
      expect(
        await counter.checksOf(async () =>
          expect((await form(server.url + NATIVE.token, grant)).status).toBe(200),
        ),
      ).toBe(1);
      const own = async () => expect((await signing.ask(NATIVE)).status).toBe(200);
      expect(await counter.checksOf(own)).toBe(1);
    }
    expect(platform.place.paths).toEqual(METADATA_AND_KEYS);
  });

  it.each([
    ['sub', () => token({ sub: 'repo:acme/shop:ref:refs/heads/other' })],
    ['a claim', () => token(GITHUB.stranger)],
    ['aud', () => token({ aud: 'https://another.example' })],
    ['iss', () => token({ iss: 'https://token.another.example' })],
    ['alg', async () => (await Signer.make('PS256')).sign({ ...GITHUB.claims, iss: platform.issuer })],
    ['the key', () => strange.sign({ ...GITHUB.claims, iss: platform.issuer, exp: nowSeconds() + 60 })],
    ['a lifetime', () => token({ exp: nowSeconds() + 9000 })],
    ['typ', () => token({}, { typ: 'at+jwt' })],
    ['everything', async () => 'a.b.c'],
  ])('costs one check and no fetch when %s is wrong', async (_what, make) => {
    const wrong = await make();
    const refused = async () => expect((await present(library.server, wrong)).status).toBe(401);
    expect(await counter.checksOf(refused)).toBe(1);
    expect(platform.place.paths).toEqual(METADATA_AND_KEYS);
  });

  it('costs one check, and one fetch for a burst, when its kid is unknown', async () => {
    const wrong = await Promise.all(Array.from({ length: 10 }, () => token({}, { kid: 'unknown' })));
    const burst = () => Promise.all(wrong.map((one) => present(library.server, one)));
    expect(await counter.checksOf(burst)).toBe(10);
    expect(platform.place.paths).toEqual([...METADATA_AND_KEYS, ...METADATA_AND_KEYS]);
  });
});
