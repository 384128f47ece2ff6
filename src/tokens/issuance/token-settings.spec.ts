import { describe, expect, it } from 'vitest';
import type { Client, ClientCredentialsSettings } from '../../clients/client.js';
import type { Resource, ResourceTokenSettings } from '../../resources/resource.js';
import { AUTH0 } from '../dialects/auth0.js';
import { AUTHING } from '../dialects/authing.js';
import { NATIVE } from '../dialects/native.js';
import { settleToken } from './token-settings.js';

const client = (clientCredentials: ClientCredentialsSettings = {}): Client => ({
  id: 'client',
  version: 1,
  createdAt: 0,
  updatedAt: 0,
  name: null,
  active: true,
  expiresAt: null,
  grantTypes: ['client_credentials'],
  tokenEndpointAuthMethod: null,
  jwks: null,
  jwksUri: null,
  assertionAudience: null,
  federated: null,
  clientCredentials,
  tokenQuota: null,
  claims: null,
  sessionGeneration: 0,
});

const resource = (token: ResourceTokenSettings, id = 'book'): Resource => ({
  id,
  version: 1,
  createdAt: 0,
  updatedAt: 0,
  name: null,
  audience: null,
  operations: [],
  introspectionClients: [],
  token,
});

describe('settleToken', () => {
  it.each([
    [NATIVE, { lifetimeSeconds: 3600, format: 'opaque', profile: 'rfc9068', alg: 'RS256' }],
    [AUTH0, { lifetimeSeconds: 3600, format: 'jwt', profile: 'classic', alg: 'RS256' }],
    [AUTHING, { lifetimeSeconds: 3600, format: 'jwt', profile: 'classic', alg: 'RS256' }],
  ])(
    'uses the defaults of the dialect when neither the resource nor the client sets one',
    (dialect, expected) => {
      expect(settleToken(client(), [], dialect)).toEqual(expected);
    },
  );

  it.each<[number | undefined, (number | undefined)[], number]>([
    [undefined, [], 3600],
    [undefined, [undefined], 3600],
    [600, [], 600],
    [600, [undefined], 600],
    [undefined, [600], 600],
    [600, [900], 600],
    [900, [600], 600],
    [900, [1200, 700, undefined], 700],
    [7200, [5400], 5400],
    [1, [], 1],
    [30 * 86_400, [], 2_592_000],
    [30 * 86_400 + 1, [], 2_592_000],
    [90 * 86_400, [80 * 86_400], 2_592_000],
  ])('makes of a client at %s and resources at %j a lifetime of %s', (own, theirs, expected) => {
    const lifetime = (seconds?: number) => (seconds ? { accessTokenExpirationSeconds: seconds } : {});
    const resources = theirs.map((seconds) => resource(lifetime(seconds)));
    expect(settleToken(client(lifetime(own)), resources, NATIVE).lifetimeSeconds).toBe(expected);
  });

  it.each<[number | undefined, Record<string, number | undefined>, number]>([
    [undefined, { 'urn:a': 86_400, 'urn:b': undefined }, 3600],
    [undefined, { 'urn:a': 60, 'urn:b': undefined }, 60],
    [undefined, { 'urn:a': 86_400, 'urn:b': 7200 }, 7200],
    [7200, { 'urn:a': 86_400, 'urn:b': undefined }, 7200],
  ])(
    'lets no audience lengthen a token that is for another as well: %s and %j make %s (fault A1)',
    (own, theirs, expected) => {
      const lifetime = (seconds?: number) => (seconds ? { accessTokenExpirationSeconds: seconds } : {});
      const resources = Object.entries(theirs).map(([audience, seconds]) => ({
        ...resource(lifetime(seconds), audience),
        audience,
      }));
      expect(settleToken(client(lifetime(own)), resources, NATIVE).lifetimeSeconds).toBe(expected);
    },
  );

  it('prefers the format of the client to that of the dialect', () => {
    expect(settleToken(client({ tokenFormat: 'jwt' }), [], NATIVE).format).toBe('jwt');
    expect(settleToken(client({ tokenFormat: 'opaque' }), [], AUTH0).format).toBe('opaque');
  });

  it('uses the profile of a resource, else of the client, else of the dialect; classic wins', () => {
    const profileOf = (own: ClientCredentialsSettings, ...theirs: ResourceTokenSettings[]) =>
      settleToken(
        client(own),
        theirs.map((token) => resource(token)),
        NATIVE,
      ).profile;
    expect(profileOf({ profile: 'classic' })).toBe('classic');
    expect(profileOf({ profile: 'classic' }, {})).toBe('classic');
    expect(profileOf({ profile: 'classic' }, { profile: 'rfc9068' })).toBe('rfc9068');
    expect(profileOf({ profile: 'rfc9068' }, { profile: 'classic' })).toBe('classic');
    expect(profileOf({}, { profile: 'rfc9068' }, { profile: 'classic' })).toBe('classic');
    expect(settleToken(client(), [resource({ profile: 'rfc9068' })], AUTH0).profile).toBe('rfc9068');
  });

  it('takes the algorithm of the first resource that has one, else of the client', () => {
    const algOf = (own: ClientCredentialsSettings, ...theirs: ResourceTokenSettings[]) =>
      settleToken(
        client(own),
        theirs.map((token) => resource(token)),
        NATIVE,
      ).alg;
    expect(algOf({ signingAlg: 'ES256' })).toBe('ES256');
    expect(algOf({ signingAlg: 'ES256' }, {})).toBe('ES256');
    expect(algOf({ signingAlg: 'ES256' }, { signingAlg: 'PS256' })).toBe('PS256');
    expect(algOf({}, { signingAlg: 'EdDSA' }, { signingAlg: 'PS256' })).toBe('EdDSA');
  });
});
