import { SIGN_IN, unsupported } from '../source.js';
import type { Reasons } from '../source-object.js';

export const SIGN_IN_SCOPES: ReadonlySet<string> = new Set([
  ...['openid', 'offline', 'offline_access', 'profile', 'email', 'address', 'phone'],
]);

/** Members that only the server writes. */
export const OWN_COLUMNS: readonly (readonly [string, string])[] = [
  ['created_at', 'the time of the import'],
  ['updated_at', 'the time of the import'],
  ['nid', 'a server has one network'],
  ['pk', 'the id is the key'],
  ['pk_deprecated', 'the id is the key'],
  ['registration_client_uri', 'dynamic registration is not supported'],
];

const LIFESPANS = [
  ...[
    'authorization_code_grant_access_token',
    'authorization_code_grant_id_token',
    'refresh_token_grant_id_token',
  ],
  ...['authorization_code_grant_refresh_token', 'implicit_grant_access_token', 'implicit_grant_id_token'],
  ...['password_grant_access_token', 'password_grant_refresh_token', 'refresh_token_grant_access_token'],
  ...['refresh_token_grant_refresh_token', 'device_authorization_grant_access_token'],
  ...['device_authorization_grant_id_token', 'device_authorization_grant_refresh_token'],
].map((name) => `${name}_lifespan`);

const SIGN_IN_MEMBERS = [
  ...['redirect_uris', 'policy_uri', 'tos_uri', 'client_uri', 'logo_uri', 'contacts'],
  ...['sector_identifier_uri', 'request_uris', 'allowed_cors_origins', 'post_logout_redirect_uris'],
  ...['frontchannel_logout_uri', 'frontchannel_logout_session_required', 'backchannel_logout_uri'],
  ...['backchannel_logout_session_required', 'skip_consent', 'skip_logout_consent'],
  ...LIFESPANS,
];

export const CLIENT_MEMBERS: Reasons = {
  ...Object.fromEntries(SIGN_IN_MEMBERS.map((name) => [name, SIGN_IN])),
  response_types: { ...SIGN_IN, unless: ['code'] },
  subject_type: { ...SIGN_IN, unless: 'public' },
  userinfo_signed_response_alg: { ...SIGN_IN, unless: 'none' },
  request_object_signing_alg: SIGN_IN,
  client_secret_expires_at: { ...unsupported('set `expires_at` of the Client'), unless: 0 },
  registration_access_token: unsupported('dynamic registration is not supported'),
  registration_access_token_signature: unsupported('dynamic registration is not supported'),
  token_endpoint_auth_method: unsupported('a client authenticates with a secret or private_key_jwt'),
  token_endpoint_auth_signing_alg: unsupported('the client authenticates with a secret'),
  access_token_strategy: unsupported('must be jwt or opaque'),
  client_credentials_grant_access_token_lifespan: unsupported('must be 1 second to 30 days'),
  jwt_bearer_grant_access_token_lifespan: unsupported('use a TrustedIssuer'),
  jwks: unsupported('the client authenticates with a secret'),
  jwks_uri: unsupported('the client authenticates with a secret'),
};
