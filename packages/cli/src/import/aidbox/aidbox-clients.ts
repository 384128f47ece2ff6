import type { JsonObject } from '../../connection.js';
import type { ImportedDocuments } from '../imported.js';
import {
  ID_SYNTAX,
  isAudience,
  isId,
  isLifetime,
  MAX_DESCRIPTION_CHARACTERS,
  MAX_NAME_CHARACTERS,
} from '../limits.js';
import type { Reason } from '../report.js';
import { secretOf } from '../secret.js';
import { identity, OWN, SIGN_IN, SIGN_IN_CLIENT, unsupported } from '../source.js';
import { isEmpty, isObject, listOf, type Reasons, type SourceObject, textsOf } from '../source-object.js';

const GRANT = 'client_credentials';
const HOW = 'read it from Aidbox, or give the client a new one';
const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

export function readClient(object: SourceObject, documents: ImportedDocuments): void {
  const refusal = refusalOf(object, documents);
  if (refusal) {
    object.refuse(refusal);
    return;
  }
  const id = object.peek('id') as string;
  object.imported('resourceType');
  object.imported('id');
  const name = object.text('name', MAX_NAME_CHARACTERS);
  const description = object.text('description', MAX_DESCRIPTION_CHARACTERS);
  if (typeof object.peek('active') === 'boolean') object.imported('active');
  accountForGrants(object);
  object.changed('meta', 'the server counts versions itself');
  const auth = object.nested('auth');
  const own = auth?.nested(GRANT);
  const { members, secret } = credentialsOf(object, own);
  const settings = own ? settingsOf(own) : {};
  own?.end(SETTINGS);
  auth?.end(GRANTS);
  object.end(MEMBERS);
  const body = {
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    active: object.peek('active') !== false,
    grant_types: [GRANT],
    ...members,
    ...(Object.keys(settings).length > 0 ? { auth: { client_credentials: settings } } : {}),
  };
  documents.add({ type: 'Client', id, body, ...secret, origin: object.name });
}

function refusalOf(object: SourceObject, documents: ImportedDocuments): Reason | undefined {
  const id = object.peek('id');
  const grants = textsOf(object.peek('grant_types'));
  if (!grants.includes(GRANT)) {
    return grants.includes('basic') ? unsupported('basic alone is for the API of Aidbox') : SIGN_IN_CLIENT;
  }
  if (!isId(id)) return identity(`the id must be ${ID_SYNTAX}`);
  return documents.has('Client', id) ? identity('the id occurs twice') : undefined;
}

/** `basic` would open the administration of this server, as far as policies allow. */
function accountForGrants(object: SourceObject): void {
  const others = textsOf(object.peek('grant_types')).filter((grant) => grant !== GRANT);
  if (others.length === 0) object.imported('grant_types');
  else if (others.every((grant) => grant === 'basic')) {
    object.lost(
      'grant_types',
      unsupported('basic is for the API of Aidbox itself; client_credentials is imported'),
    );
  } else
    object.lost('grant_types', { ...SIGN_IN, why: `only ${GRANT} is imported, not ${others.join(', ')}` });
}

function credentialsOf(
  object: SourceObject,
  settings: SourceObject | undefined,
): { members: JsonObject; secret: object } {
  const uri = object.peek('jwks_uri');
  const keys = listOf(object.peek('jwks')).filter(isObject);
  const signs = textsOf(settings?.peek('client_assertion_types')).includes(JWT_BEARER);
  if (!signs) return { members: {}, secret: secretOf(object, 'secret', HOW) };
  if (!isEmpty(object.peek('secret'))) object.changed('secret', 'the client signs, and has no secret');
  if (keys.length === 0 && typeof uri !== 'string') {
    settings?.lost('client_assertion_types', {
      group: 'secret',
      why: 'the file has neither jwks nor jwks_uri',
    });
    return { members: {}, secret: {} };
  }
  settings?.changed('client_assertion_types', 'token_endpoint_auth_method private_key_jwt');
  if (keys.length > 0) object.imported('jwks');
  else object.imported('jwks_uri');
  return {
    members: {
      token_endpoint_auth_method: 'private_key_jwt',
      assertion_audience: 'token_endpoint',
      ...(keys.length > 0 ? { jwks: { keys } } : { jwks_uri: uri }),
    },
    secret: {},
  };
}

function settingsOf(own: SourceObject): JsonObject {
  const settings: JsonObject = {};
  const format = own.peek('token_format');
  if (format === 'jwt' || format === 'opaque') {
    own.imported('token_format');
    settings.token_format = format;
  }
  const seconds = own.peek('access_token_expiration') ?? own.peek('token_expiration');
  if (isLifetime(seconds)) {
    own.imported('access_token_expiration');
    own.imported('token_expiration', 'access_token_expiration');
    settings.access_token_expiration = seconds;
  }
  if (typeof own.peek('refresh_token') === 'boolean') {
    own.imported('refresh_token');
    settings.refresh_token = own.peek('refresh_token');
  }
  const refresh = own.peek('refresh_token_expiration');
  if (typeof refresh === 'number' && refresh >= 1 && refresh <= MAX_REFRESH_SECONDS) {
    own.imported('refresh_token_expiration');
    settings.refresh_token_expiration = refresh;
  }
  const audience = own.peek('audience');
  const audiences = typeof audience === 'string' ? [audience] : textsOf(audience);
  if (audiences.length > 0 && audiences.every(isAudience)) {
    own.imported('audience');
    settings.audience = audiences;
  }
  return settings;
}

const MAX_REFRESH_SECONDS = 90 * 24 * 60 * 60;

const SETTINGS: Reasons = {
  token_format: unsupported('must be jwt or opaque'),
  access_token_expiration: unsupported('must be 1 second to 30 days'),
  token_expiration: unsupported('must be 1 second to 30 days'),
  refresh_token_expiration: unsupported('must be 1 second to 90 days'),
  audience: unsupported('must be visible ASCII'),
  client_assertion_types: unsupported('only jwt-bearer is supported'),
};

const OTHER_GRANTS = ['authorization_code', 'password', 'implicit', 'token_exchange', 'one_time_password'];
const GRANTS: Reasons = Object.fromEntries(OTHER_GRANTS.map((name) => [name, SIGN_IN]));

const NO_SCOPES = unsupported('scopes of SMART: express what they permit as the rules of a policy');

const MEMBERS: Reasons = {
  scope: NO_SCOPES,
  scopes: NO_SCOPES,
  'allowed-scopes': NO_SCOPES,
  type: OWN,
  details: OWN,
  trusted: SIGN_IN,
  first_party: SIGN_IN,
  smart: SIGN_IN,
  allowed_origins: SIGN_IN,
  'fhir-base-url': OWN,
  jwks: unsupported('the client authenticates with a secret'),
  jwks_uri: unsupported('the client authenticates with a secret'),
  allowedIssuers: unsupported('use a TrustedIssuer'),
  'allowed-issuers': unsupported('use a TrustedIssuer'),
};
