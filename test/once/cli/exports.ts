import { generateKeyPairSync } from 'node:crypto';

type Json = Record<string, unknown>;

/** The export of an Auth0 tenant with a client, its API and its grant. */
export function aTenant(name: string, more: { client?: Json; api?: Json; grant?: Json; tenant?: Json } = {}) {
  return {
    tenant: { friendly_name: 'Example' },
    clients: [
      {
        name,
        client_id: `${name}-id`,
        client_secret: `secret of ${name} in Auth0`,
        app_type: 'non_interactive',
        grant_types: ['client_credentials'],
        callbacks: [],
        ...more.client,
      },
    ],
    resourceServers: [
      {
        name: `API of ${name}`,
        identifier: `https://${name}.example.com/`,
        scopes: [{ value: 'read:orders', description: 'Read orders' }, { value: 'write:orders' }],
        ...more.api,
      },
    ],
    clientGrants: [
      { client_id: name, audience: `https://${name}.example.com/`, scope: ['read:orders'], ...more.grant },
    ],
    ...more.tenant,
  };
}

/** The export of a Keycloak realm with a service account. */
export function aRealm(name: string, more: { client?: Json; user?: Json; realm?: Json } = {}) {
  const clientId = `${name}-worker`;
  return {
    id: name,
    realm: name,
    enabled: true,
    accessTokenLifespan: 240,
    browserFlow: 'browser',
    registrationAllowed: false,
    roles: {
      realm: [
        { id: '1', name: 'auditor', composite: true, composites: { client: { [`${name}-api`]: ['read'] } } },
        { id: '2', name: 'offline_access' },
      ],
      client: {
        [`${name}-api`]: [
          { id: '3', name: 'read', description: 'Read' },
          { id: '4', name: 'write' },
        ],
      },
    },
    clientScopes: [
      {
        id: '5',
        name: 'invoices.read',
        protocol: 'openid-connect',
        attributes: { 'include.in.token.scope': 'true' },
        protocolMappers: [
          {
            name: 'audience',
            protocolMapper: 'oidc-audience-mapper',
            config: {
              'included.custom.audience': `https://${name}.example.com`,
              'access.token.claim': 'true',
            },
          },
        ],
      },
      { id: '6', name: 'profile', protocol: 'openid-connect' },
    ],
    clients: [
      {
        id: '7',
        clientId,
        name: 'Worker',
        enabled: true,
        clientAuthenticatorType: 'client-secret',
        secret: `secret of ${clientId} in Keycloak`,
        serviceAccountsEnabled: true,
        standardFlowEnabled: false,
        publicClient: false,
        protocol: 'openid-connect',
        redirectUris: [],
        fullScopeAllowed: true,
        attributes: { 'client.secret.creation.time': '1700000000' },
        defaultClientScopes: ['profile', 'invoices.read'],
        protocolMappers: [
          {
            name: 'tenant',
            protocolMapper: 'oidc-hardcoded-claim-mapper',
            config: { 'claim.name': 'tenant', 'claim.value': '7', 'jsonType.label': 'int' },
          },
        ],
        ...more.client,
      },
      { clientId: 'account', enabled: true },
      { clientId: `${name}-api`, bearerOnly: true },
    ],
    users: [
      {
        username: `service-account-${clientId}`,
        enabled: true,
        serviceAccountClientId: clientId,
        realmRoles: ['auditor'],
        clientRoles: { [`${name}-api`]: ['write'] },
        ...more.user,
      },
      { username: 'ann' },
    ],
    ...more.realm,
  };
}

/** A row of Hydra's table of clients, as PostgreSQL writes it as JSON. */
export const aRow = (id: string, more: Json = {}): Json => ({
  id,
  client_name: `Client ${id}`,
  redirect_uris: '[]',
  grant_types: '["client_credentials"]',
  response_types: '["code"]',
  scope: 'read write',
  owner: '',
  client_secret_expires_at: 0,
  jwks: '{}',
  token_endpoint_auth_method: 'client_secret_basic',
  subject_type: 'public',
  audience: '[]',
  nid: '00000000-0000-4000-8000-000000000000',
  created_at: '2023-01-01T00:00:00',
  client_credentials_grant_access_token_lifespan: 600_000_000_000,
  metadata: '{"team": "billing"}',
  ...more,
});

/** A public key as PEM, and the private one. */
export const aKeyPair = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });

/** The paths of the members of an object, down to the objects within it. */
export function membersOf(object: Json, path = ''): string[] {
  return Object.entries(object).flatMap(([name, value]) => {
    const isNested = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isNested && Object.keys(value).length > 0
      ? membersOf(value as Json, `${path}${name}.`)
      : [path + name];
  });
}
