import { createPublicKey } from 'node:crypto';
import type { JsonObject } from '../../connection.js';
import type { ImportedDocuments } from '../imported.js';
import { labelsOf } from '../labels.js';
import { ID_SYNTAX, isId, MAX_DESCRIPTION_CHARACTERS, MAX_NAME_CHARACTERS } from '../limits.js';
import type { Reason } from '../report.js';
import { secretOf } from '../secret.js';
import { identity, OWN, SIGN_IN, SIGN_IN_CLIENT, unsupported } from '../source.js';
import { isEmpty, isObject, listOf, type Reasons, type SourceObject, textsOf } from '../source-object.js';
import { hasKeyword, KEYWORD, type Known } from './auth0-grants.js';

const GRANT = 'client_credentials';
const SECRET_METHODS = ['client_secret_basic', 'client_secret_post'];

export function readClient(object: SourceObject, documents: ImportedDocuments, known: Known): void {
  const refusal = refusalOf(object, documents);
  if (refusal) {
    object.refuse(refusal);
    return;
  }
  const id = object.peek('client_id') as string;
  const name = object.peek('name');
  const grants = grantsOf(object);
  known.clients.set(id, id);
  if (typeof name === 'string') known.clients.set(name, id);

  object.imported('client_id');
  const title = object.text('name', MAX_NAME_CHARACTERS);
  const description = object.text('description', MAX_DESCRIPTION_CHARACTERS);
  readGrantTypes(object, grants);
  const { credentials, secret } = readCredentials(object);
  const quota = quotaOf(object);
  const labels = labelsOf(object, 'client_metadata');
  object.end(REASONS);
  const body = {
    ...(title === undefined ? {} : { name: title }),
    ...(description === undefined ? {} : { description }),
    grant_types: [GRANT],
    ...credentials,
    ...(quota === undefined ? {} : { token_quota: quota }),
    ...(labels === undefined ? {} : { labels }),
  };
  documents.add({ type: 'Client', id, body, ...secret, origin: object.name });
}

function refusalOf(object: SourceObject, documents: ImportedDocuments): Reason | undefined {
  const id = object.peek('client_id');
  if (object.peek('global') === true) return OWN;
  const isPublic = object.peek('token_endpoint_auth_method') === 'none';
  if (!grantsOf(object).includes(GRANT) || isPublic) return SIGN_IN_CLIENT;
  if (hasKeyword(id)) return KEYWORD;
  if (id === undefined) return identity('has no client_id: export with `a0deploy export --export_ids=true`');
  if (!isId(id)) return identity(`the client_id must be ${ID_SYNTAX}`);
  return documents.has('Client', id) ? identity('the client_id occurs twice') : undefined;
}

/** Auth0's default for a machine. */
const grantsOf = (object: SourceObject): string[] =>
  object.peek('grant_types') === undefined && object.peek('app_type') === 'non_interactive'
    ? [GRANT]
    : textsOf(object.peek('grant_types'));

function readGrantTypes(object: SourceObject, grants: readonly string[]): void {
  const others = grants.filter((grant) => grant !== GRANT);
  if (others.length === 0) object.imported('grant_types');
  else
    object.lost('grant_types', {
      group: SIGN_IN.group,
      why: `only ${GRANT} is imported, not ${others.join(', ')}`,
    });
  if (object.peek('app_type') === 'non_interactive') object.imported('app_type', 'every client is a machine');
}

function readCredentials(object: SourceObject): { credentials: JsonObject; secret: object } {
  const keys = signingKeysOf(object);
  const method = object.peek('token_endpoint_auth_method');
  const isSigning = keys !== undefined || !isEmpty(object.peek('client_authentication_methods'));
  if (isSigning) {
    if (!isEmpty(object.peek('client_secret')))
      object.changed('client_secret', 'the client signs, and has no secret');
    const credentials = keys ? { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys } } : {};
    return { credentials, secret: {} };
  }
  const secret = secretOf(
    object,
    'client_secret',
    'fetch the clients from the Management API, with read:client_keys',
  );
  if (typeof method === 'string' && SECRET_METHODS.includes(method)) {
    object.imported('token_endpoint_auth_method');
    return { credentials: { token_endpoint_auth_method: method }, secret };
  }
  return { credentials: {}, secret };
}

/** Public keys of private_key_jwt; an export has only their ids, a document for the Management API has them as PEM. */
function signingKeysOf(object: SourceObject): JsonObject[] | undefined {
  const methods = object.peek('client_authentication_methods');
  if (!isObject(methods) || isEmpty(methods)) return undefined;
  const { private_key_jwt: signed, ...others } = methods;
  const listed = isObject(signed) ? listOf(signed.credentials).filter(isObject) : [];
  const keys = listed.map(keyOf);
  if (Object.keys(others).length > 0 || keys.length === 0 || keys.includes(undefined)) {
    const why =
      'the file has no public key: add `token_endpoint_auth_method: private_key_jwt` and `jwks` to the client';
    object.lost('client_authentication_methods', { group: 'secret', why });
    return undefined;
  }
  object.changed('client_authentication_methods', 'private_key_jwt with these keys as `jwks`');
  return keys as JsonObject[];
}

function keyOf({ pem, alg, kid }: JsonObject): JsonObject | undefined {
  if (typeof pem !== 'string') return undefined;
  try {
    const jwk = createPublicKey(pem).export({ format: 'jwk' });
    return { ...jwk, use: 'sig', alg: alg ?? 'RS256', ...(typeof kid === 'string' ? { kid } : {}) };
  } catch {
    return undefined;
  }
}

function quotaOf(object: SourceObject): JsonObject | undefined {
  const quota = object.nested('token_quota');
  if (!quota) return undefined;
  const grant = quota.nested('client_credentials');
  if (!grant) return void quota.end();
  const found: JsonObject = {};
  for (const name of ['per_hour', 'per_day', 'enforce']) {
    const value = grant.peek(name);
    if (value === undefined) continue;
    grant.imported(name);
    found[name] = value;
  }
  grant.end();
  quota.end();
  return found.per_hour === undefined && found.per_day === undefined ? undefined : found;
}

const OWN_KEYS = unsupported('the server signs with its own keys: APIs read them from its JWK Set');

const SIGN_IN_MEMBERS = [
  ...[
    'callbacks',
    'allowed_origins',
    'web_origins',
    'allowed_logout_urls',
    'allowed_clients',
    'logo_uri',
    'app_type',
  ],
  ...[
    'initiate_login_uri',
    'sso',
    'sso_disabled',
    'cross_origin_auth',
    'cross_origin_authentication',
    'mobile',
  ],
  ...[
    'cross_origin_loc',
    'custom_login_page',
    'custom_login_page_on',
    'custom_login_page_preview',
    'form_template',
  ],
  ...[
    'addons',
    'native_social_login',
    'organization_usage',
    'organization_require_behavior',
    'refresh_token',
  ],
  ...['organization_discovery_methods', 'default_organization', 'oidc_logout', 'oidc_backchannel_logout'],
  ...['session_transfer', 'encryption_key', 'jwt_configuration', 'is_token_endpoint_ip_header_trusted'],
  ...[
    'require_pushed_authorization_requests',
    'signed_request_object',
    'express_configuration',
    'async_approval_notification_channels',
  ],
  ...[
    'token_exchange',
    'fedcm_login',
    'skip_non_verifiable_callback_uri_confirmation_prompt',
    'third_party_security_mode',
  ],
];

const REASONS: Reasons = {
  ...Object.fromEntries(SIGN_IN_MEMBERS.map((name) => [name, SIGN_IN])),
  is_first_party: { ...SIGN_IN, unless: true },
  oidc_conformant: { ...SIGN_IN, unless: true },
  signing_keys: OWN_KEYS,
  tenant: OWN,
  owners: OWN,
  client_aliases: OWN,
  callback_url_template: SIGN_IN,
  external_client_id: OWN,
  resource_server_identifier: unsupported(
    'a client that is an API: name it in `introspection_clients` of the Resource',
  ),
  require_proof_of_possession: unsupported('tokens are not bound to a key'),
  compliance_level: { ...unsupported('compliance profiles are not supported'), unless: 'none' },
  token_endpoint_auth_method: unsupported('the client authenticates with a secret or private_key_jwt'),
  my_organization_configuration: SIGN_IN,
};
