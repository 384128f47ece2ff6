import { setTimeout as sleep } from 'node:timers/promises';
import { decodeJwt, decodeProtectedHeader, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bearer, get } from '../../support/http.js';
import { freePort } from '../../support/port.js';
import type { TestClient } from '../../support/registration.js';
import { startServer, type TestServer } from '../../support/server.js';
import { type ExampleApi, exampleFile, startExample } from './example-process.js';
import { buildNestApi } from './nest-build.js';
import { AUDIENCE, registerApi, registerClient, tokenOf } from './world-mappers.js';

const OTHER_AUDIENCE = 'urn:othermappers';
const LIFETIME_SECONDS = 1;

let server: TestServer;
let wholeGrant: TestClient;
let directionsOnly: TestClient;
let elsewhere: TestClient;
let shortLived: TestClient;

beforeAll(async () => {
  server = await startServer();
  await registerApi(server);
  await registerApi(server, 'other-mappers', OTHER_AUDIENCE);
  wholeGrant = await registerClient(server);
  directionsOnly = await registerClient(server, 'world-mappers:*:directions');
  elsewhere = await registerClient(server, 'other-mappers:*:*');
  shortLived = await registerClient(server, undefined, { access_token_expiration: LIFETIME_SECONDS });
});

afterAll(() => server?.stop());

/** The same claims and key id as a good token, signed with another key. */
async function forged(change: { kid?: string } = {}): Promise<string> {
  const token = await tokenOf(wholeGrant);
  const { privateKey } = await generateKeyPair('RS256');
  const header = { ...decodeProtectedHeader(token), alg: 'RS256', ...change };
  return new SignJWT(decodeJwt(token)).setProtectedHeader(header).sign(privateKey);
}

const unsigned = async () => new UnsecuredJWT(decodeJwt(await tokenOf(wholeGrant))).encode();

async function expired(): Promise<string> {
  const token = await tokenOf(shortLived);
  await sleep((LIFETIME_SECONDS + 1) * 1000);
  return token;
}

let nestApi: ReturnType<typeof buildNestApi>;

beforeAll(() => {
  nestApi = buildNestApi();
});

afterAll(() => nestApi?.remove());

const APIS = [
  { name: 'world-mappers-api', main: () => exampleFile('world-mappers-api/server.js') },
  { name: 'nest-api', main: () => nestApi.main },
];

describe.each(APIS)('examples/$name', ({ main }) => {
  let api: ExampleApi;

  beforeAll(async () => {
    api = await startExample(main(), { ISSUER: `${server.publicUrl}/`, RESOURCE_SERVER: AUDIENCE });
  });

  afterAll(() => api?.stop());

  const ask = (path: string, headers: Record<string, string> = {}) => get(api.url + path, headers);

  it.each([
    ['/api/location/geocode', { lat: 47.6178819, lng: -122.194041 }],
    [
      '/api/location/reverse-geocode',
      { street: '900 106th Avenue NE', city: 'Bellevue', state: 'Washington' },
    ],
    [
      '/api/directions?destination=City%20Hall',
      [
        { step: 1, action: 'Drive north on 106th Avenue NE' },
        { step: 2, action: 'Turn right onto NE 12th Street' },
        { step: 3, action: 'Arrive at City Hall' },
      ],
    ],
  ])('answers GET %s to a client that has the whole grant', async (path, expected) => {
    const answer = await ask(path, bearer(await tokenOf(wholeGrant)));
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual(expected);
  });

  it.each([
    ['/api/location/geocode', 'geocode:location'],
    ['/api/location/reverse-geocode', 'reverse-geocode:location'],
  ])('refuses GET %s to a token without %s: 403, and the challenge names it', async (path, scope) => {
    const answer = await ask(path, bearer(await tokenOf(directionsOnly)));
    expect(answer.status).toBe(403);
    expect(answer.headers.get('www-authenticate')).toBe(
      `Bearer realm="world-mappers", error="insufficient_scope", scope="${scope}"`,
    );
    expect(answer.body).toEqual({
      error: 'insufficient_scope',
      error_description: `this needs the scope ${scope}`,
    });
  });

  it('answers what the token of that client does carry', async () => {
    const answer = await ask('/api/directions', bearer(await tokenOf(directionsOnly)));
    expect(answer.status).toBe(200);
    expect(answer.body.at(-1)).toEqual({ step: 3, action: 'Arrive at your destination' });
  });

  it.each([
    ['no credentials', {}],
    ['Basic credentials', { authorization: 'Basic YTpi' }],
  ])('asks for a token, and says nothing more, when there are %s', async (_what, headers) => {
    const answer = await ask('/api/directions', headers as Record<string, string>);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="world-mappers"');
    expect(answer.body).toEqual({
      error: 'token_required',
      error_description: 'this needs an access token',
    });
  });

  it.each([
    ['for another audience', () => tokenOf(elsewhere, OTHER_AUDIENCE)],
    ['that has expired', expired],
    ['signed with another key under the id of ours', () => forged()],
    ['signed by a key that we never had', () => forged({ kid: 'unknown' })],
    ['that is not signed', unsigned],
    ['that is not a token', async () => 'nonsense'],
  ])('refuses a token %s: 401 invalid_token', async (_what, token) => {
    const answer = await ask('/api/directions', bearer(await token()));
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe(
      'Bearer realm="world-mappers", error="invalid_token"',
    );
    expect(answer.body).toEqual({
      error: 'invalid_token',
      error_description: 'the access token is malformed, expired or not meant for this API',
    });
  });

  it('answers 503 while it cannot get the keys, for that is not the fault of the caller', async () => {
    const nobody = `http://localhost:${await freePort()}/`;
    const cutOff = await startExample(main(), { ISSUER: nobody });
    const headers = bearer(await tokenOf(wholeGrant));
    const answer = await get(`${cutOff.url}/api/directions`, headers);
    await cutOff.stop();
    expect(answer.status).toBe(503);
    expect(answer.body).toHaveProperty('error');
  });

  it('answers an unknown address in JSON', async () => {
    const answer = await ask('/api/nothing', bearer(await tokenOf(wholeGrant)));
    expect(answer.status).toBe(404);
    expect(answer.body).toHaveProperty('error');
  });
});
