const FOR_RULES = 'permissions of a client are defined by the rules of an AccessPolicy';
const LIFETIME =
  'use auth.client_credentials.access_token_expiration of a Client or token.access_token_expiration of a Resource';
const NO_USERS = 'user sign-in is not supported; omit it';

/** Members of Auth0, Aidbox, Authing and RFC 7591, with their equivalents here. */
const HINTS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    client_secret: 'use secret',
    client_id: 'use id',
    _id: 'use id',
    client_name: 'use name',
    display_name: 'use name',
    title: 'use name',
    enabled: 'use active',
    disabled: 'use active',
    status: 'use active',
    identifier: 'use audience of a Resource, or identifier of a rule',
    audiences: 'use audience',
    aud: 'use audience',
    scopes: `use operations of a Resource; ${FOR_RULES}`,
    scope: FOR_RULES,
    permissions: FOR_RULES,
    grants: FOR_RULES,
    roles: FOR_RULES,
    statements: 'use rules',
    actions: 'use operations',
    action: 'use operations',
    clients: 'use link',
    token_lifetime: LIFETIME,
    token_lifetime_for_web: LIFETIME,
    access_token_lifetime: LIFETIME,
    access_token_expiration: LIFETIME,
    token_expiration: LIFETIME,
    expires_in: LIFETIME,
    refresh_token: 'use auth.client_credentials.refresh_token',
    refresh_token_lifetime: 'use auth.client_credentials.refresh_token_expiration',
    token_format: 'use auth.client_credentials.token_format',
    token_dialect: 'use token.profile',
    signing_alg: 'use auth.client_credentials.signing_alg of a Client or token.signing_alg of a Resource',
    signing_algorithm: 'use signing_alg',
    signing_secret: 'tokens are signed with the keys of the server; omit it',
    auth_method: 'use token_endpoint_auth_method',
    token_quotas: 'use token_quota',
    callbacks: NO_USERS,
    redirect_uri: NO_USERS,
    redirect_uris: NO_USERS,
    response_types: NO_USERS,
    allowed_origins: NO_USERS,
    web_origins: NO_USERS,
    allowed_logout_urls: NO_USERS,
    app_type: NO_USERS,
    role_name: FOR_RULES,
    schema: 'use rules',
    matcho: 'use rules',
    sql: 'use rules',
    and: 'use rules',
    or: 'use rules',
    entry: 'Bundles are not supported; write each resource separately',
  }),
);

const MEMBERS: ReadonlySet<string> = new Set([
  'grant_types',
  'token_endpoint_auth_method',
  'jwks_uri',
  'assertion_audience',
  'token_quota',
  'introspection_clients',
  'client_credentials',
  'refresh_token_expiration',
  'refresh_token_reuse_grace',
  'close_sessions',
  'per_hour',
  'per_day',
]);

/** What to use instead of another system's member, in any spelling: camel case, hyphens. */
export function memberHint(name: string): string | undefined {
  const snake = name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toLowerCase();
  return HINTS.get(snake) ?? (snake !== name && MEMBERS.has(snake) ? `use ${snake}` : undefined);
}

/** Aidbox engines that are not supported. */
const OTHER_ENGINES: ReadonlySet<string> = new Set([
  'json-schema',
  'sql',
  'matcho',
  'complex',
  'clj',
  'allow-rpc',
  'matcho-rpc',
  'signed-rpc',
  'smart-on-fhir',
]);

export const engineHint = (engine: unknown): string | undefined =>
  typeof engine === 'string' && OTHER_ENGINES.has(engine)
    ? 'express what the policy permits as rules with resource, identifier and operations'
    : undefined;
