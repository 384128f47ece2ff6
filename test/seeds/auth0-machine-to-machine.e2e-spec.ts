import { X509Certificate } from 'node:crypto';
import { jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { get, json } from '../support/http.js';
import { startServer, type TestServer } from '../support/server.js';
import { verifyAccessToken } from './access-token.js';

const AUDIENCE = 'urn:worldmappers';
const CLIENT = { client_id: 'gift-deliveries', client_secret: 'a-secret-of-gift-deliveries' };

let server: TestServer;
let issuer: string;

beforeAll(async () => {
  server = await startServer();
  issuer = `${server.publicUrl}/`;
});

afterAll(() => server?.stop());

/** The request of the page's sample, member by member. */
const askToken = () =>
  json(`${server.url}/oauth/token`, {
    audience: AUDIENCE,
    grant_type: 'client_credentials',
    client_id: CLIENT.client_id,
    client_secret: CLIENT.client_secret,
  });

const authorize = (operations: string[]) =>
  admin(server).put('/AccessPolicy/gift-deliveries', {
    engine: 'rules',
    link: [{ resourceType: 'Client', id: CLIENT.client_id }],
    rules: [{ effect: 'allow', resource: 'world-mappers', identifier: '*', operations }],
  });

describe('The Auth0 page, before the client is authorized', () => {
  it('registers the World Mappers API with its scopes, and the Gift Deliveries client', async () => {
    const operations = ['geocode:location', 'reverse-geocode:location', 'directions'].map((name) => ({
      name,
    }));
    const api = { name: 'World Mappers API', audience: AUDIENCE, operations };
    expect((await admin(server).put('/Resource/world-mappers', api)).status).toBe(201);
    const client = { secret: CLIENT.client_secret, grant_types: ['client_credentials'] };
    expect((await admin(server).put(`/Client/${CLIENT.client_id}`, client)).status).toBe(201);
  });

  it('does not authorize a client by default to access any of the resource servers', async () => {
    const answer = await askToken();
    expect(answer.status).toBe(403);
    expect(answer.body).toEqual({
      error: 'access_denied',
      error_description:
        'Client is not authorized to access "urn:worldmappers". You need to create a "client-grant" associated to ' +
        'this API. See: https://auth0.com/docs/api/v2#!/Client_Grants/post_client_grants',
    });
  });
});

describe('The Auth0 page, the token request of Gift Deliveries', () => {
  it('answers with every scope that is enabled for the client, in the order of the API', async () => {
    expect((await authorize(['directions', 'geocode:location'])).status).toBe(201);
    const { status, body } = await askToken();
    expect(status).toBe(200);
    expect(body).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'geocode:location directions',
    });
  });

  it('follows a change of the authorization with the next token', async () => {
    expect((await authorize(['*'])).status).toBe(200);
    expect((await askToken()).body.scope).toBe('geocode:location reverse-geocode:location directions');
  });

  it('puts the issuer with its slash, the audience, and the client into the claims', async () => {
    const { access_token } = (await askToken()).body;
    const { claims, header } = await verifyAccessToken(server, access_token, { issuer, audience: AUDIENCE });
    expect(header).toEqual({ alg: 'RS256', typ: 'JWT', kid: expect.any(String) });
    expect(claims).toEqual({
      iss: issuer,
      sub: 'gift-deliveries@clients',
      aud: AUDIENCE,
      azp: 'gift-deliveries',
      client_id: 'gift-deliveries',
      gty: 'client-credentials',
      scope: 'geocode:location reverse-geocode:location directions',
      iat: expect.any(Number),
      exp: (claims.iat as number) + 3600,
      jti: expect.any(String),
    });
  });
});

describe('The Auth0 page, the keys that its API retrieves', () => {
  it("verifies by the certificate of the first RS256 key, as the sample's API takes it, whatever the kid", async () => {
    const { keys } = (await get(`${server.url}/.well-known/jwks.json`)).body;
    const first = keys.find(({ alg }: { alg: string }) => alg === 'RS256');
    const pem = `-----BEGIN CERTIFICATE-----\n${first.x5c[0].replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----`;
    const { access_token } = (await askToken()).body;
    const verified = await jwtVerify(access_token, new X509Certificate(pem).publicKey, {
      issuer,
      audience: AUDIENCE,
      algorithms: ['RS256'],
    });
    expect(verified.payload.azp).toBe('gift-deliveries');
  });
});
