import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issuerOf, nowSeconds, Signer } from '../support/assertions.js';
import { NATIVE } from '../support/dialects.js';
import { useLibrary } from '../support/library.js';
import { aFederatedClient, GITHUB, Platform, present } from '../support/platforms.js';
import { measure, type Refused, timesOf } from '../support/refusal-times.js';

/** Failure limits would answer before a signature is checked. */
const library = useLibrary({
  env: { LATCHKEY_PRIVATE_JWKS_URI: 'allow', LATCHKEY_FAILURES_PER_MINUTE: '0' },
});

const TRIES = 400;
let github: Platform;
const causes: Record<string, Refused> = {};

const presented = (assertion: string): Refused => {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  });
  const head = [
    `POST ${NATIVE.token} HTTP/1.1`,
    'Host: x',
    'Content-Type: application/x-www-form-urlencoded',
  ];
  return () => ({ head, body: String(body) });
};

beforeAll(async () => {
  const { server } = library;
  github = await Platform.start();
  await github.trust(server, 'github', { algs: ['RS256'], jwks: { keys: [github.signer.jwk] } });
  await aFederatedClient(server, [{ issuer: 'github', ...GITHUB.rule }]);
  const strange = await Signer.make('RS256', { kid: String(github.signer.jwk.kid) });
  const aud = issuerOf(server, NATIVE);
  const exp = nowSeconds() + 3000;
  const claims = { iss: github.issuer, aud, exp, iat: exp - 3000, jti: 'x', ...GITHUB.claims };
  const wrong: Record<string, Promise<string>> = {
    sub: github.signer.sign({ ...claims, sub: 'repo:acme/shop:ref:refs/heads/other' }),
    claim: github.signer.sign({ ...claims, ...GITHUB.stranger }),
    aud: github.signer.sign({ ...claims, aud: 'https://another.example' }),
    iss: github.signer.sign({ ...claims, iss: 'https://token.another.example' }),
    key: strange.sign(claims),
    kid: github.signer.sign(claims, { kid: 'another' }),
    lifetime: github.signer.sign({ ...claims, exp: exp + 3000 }),
    expired: github.signer.sign({ ...claims, exp: exp - 3100, iat: exp - 3200 }),
    typ: github.signer.sign(claims, { typ: 'at+jwt' }),
  };
  for (const [cause, assertion] of Object.entries(wrong)) causes[cause] = presented(await assertion);
});

afterAll(() => github.stop());

describe('Time of a rejection of a trusted issuer’s token', { timeout: 240_000 }, () => {
  it('is equal for every cause within the noise', async () => {
    const { port } = library.server;
    await timesOf(port, causes, 50);
    const { spread, noise, medians } = await measure(port, causes, TRIES);
    expect(spread, JSON.stringify(medians)).toBeLessThanOrEqual(noise);
    expect((await present(library.server, await github.token(library.server, GITHUB.claims))).status).toBe(
      200,
    );
  });
});
