import type { JsonObject } from '../../connection.js';
import type { Catalog } from '../catalog.js';
import type { ImportedDocuments } from '../imported.js';
import { labelsOf } from '../labels.js';
import { ID_SYNTAX, isAudience, isId, isLifetime, MAX_NAME_CHARACTERS } from '../limits.js';
import type { Reason } from '../report.js';
import { secretOf } from '../secret.js';
import { identity, SIGN_IN, SIGN_IN_CLIENT, unsupported } from '../source.js';
import { isEmpty, isObject, listOf, type SourceObject } from '../source-object.js';
import { CLIENT_MEMBERS, OWN_COLUMNS, SIGN_IN_SCOPES } from './hydra-members.js';
import { secondsOf, wordsOf } from './hydra-values.js';

const GRANT = 'client_credentials';
const HOW = 'Hydra shows none: import rows of its table hydra_client, which have the hashes';

export interface HydraContext {
  catalog: Catalog;
  /** Of the scopes of clients without an audience. */
  audience: string;
  /** The audience for a name. */
  audienceOf: (name: string) => string;
}

export const isMachine = ({ grant_types: grants, token_endpoint_auth_method: method }: JsonObject): boolean =>
  wordsOf(grants).includes(GRANT) && method !== 'none';

export function readClient(object: SourceObject, documents: ImportedDocuments, context: HydraContext): void {
  const id = object.peek('client_id') ?? object.peek('id');
  const refusal = refusalOf(object, id, documents);
  if (refusal || !isId(id)) {
    object.refuse(refusal ?? identity(`the client_id must be ${ID_SYNTAX}`));
    return;
  }
  object.imported('client_id');
  object.imported('id');
  const name = object.text('client_name', MAX_NAME_CHARACTERS);
  const owner = object.text('owner', MAX_NAME_CHARACTERS)?.trim();
  accountForGrants(object);
  const { members, secret } = credentialsOf(object);
  const audience = readScopes(object, id, context);
  const settings = settingsOf(object, audience);
  const labels = labelsOf(object, 'metadata');
  for (const [member, why] of OWN_COLUMNS) object.changed(member, why);
  object.end(CLIENT_MEMBERS);
  const body = {
    ...(name === undefined ? {} : { name }),
    ...(owner === undefined || owner === '' ? {} : { owner }),
    grant_types: [GRANT],
    ...members,
    ...(Object.keys(settings).length > 0 ? { auth: { client_credentials: settings } } : {}),
    ...(labels === undefined ? {} : { labels }),
  };
  documents.add({ type: 'Client', id, body, ...secret, origin: object.name });
}

function refusalOf(object: SourceObject, id: unknown, documents: ImportedDocuments): Reason | undefined {
  const grants = wordsOf(object.peek('grant_types'));
  if (!grants.includes(GRANT) || object.peek('token_endpoint_auth_method') === 'none') return SIGN_IN_CLIENT;
  if (!isId(id)) return identity(`the client_id must be ${ID_SYNTAX}`);
  return documents.has('Client', id) ? identity('the client_id occurs twice') : undefined;
}

function accountForGrants(object: SourceObject): void {
  const others = wordsOf(object.peek('grant_types')).filter((grant) => grant !== GRANT);
  if (others.length === 0) object.imported('grant_types');
  else object.lost('grant_types', { ...SIGN_IN, why: `only ${GRANT} is imported, not ${others.join(', ')}` });
}

function credentialsOf(object: SourceObject): { members: JsonObject; secret: object } {
  const method = object.peek('token_endpoint_auth_method');
  if (method !== 'private_key_jwt') {
    const isKnown = method === 'client_secret_basic' || method === 'client_secret_post';
    if (isKnown) object.imported('token_endpoint_auth_method');
    const members = isKnown ? { token_endpoint_auth_method: method } : {};
    return { members, secret: secretOf(object, 'client_secret', HOW) };
  }
  if (!isEmpty(object.peek('client_secret')))
    object.changed('client_secret', 'the client signs, and has no secret');
  const uri = object.peek('jwks_uri');
  const set = object.peek('jwks');
  const keys = isObject(set) ? listOf(set.keys) : [];
  if (keys.length === 0 && (typeof uri !== 'string' || uri === '')) {
    object.lost('token_endpoint_auth_method', {
      group: 'secret',
      why: 'private_key_jwt without keys in the file',
    });
    return { members: {}, secret: {} };
  }
  object.imported('token_endpoint_auth_method');
  if (keys.length > 0) object.imported('jwks');
  else object.imported('jwks_uri');
  object.changed('token_endpoint_auth_signing_alg', 'the algorithm of the key');
  return {
    members: {
      token_endpoint_auth_method: method,
      ...(keys.length > 0 ? { jwks: { keys } } : { jwks_uri: uri }),
    },
    secret: {},
  };
}

/** Makes operations of the scopes, for each audience of the client; returns the audiences that it may ask for. */
function readScopes(object: SourceObject, id: string, context: HydraContext): string[] {
  const listed = wordsOf(object.peek('audience'));
  const own = listed.filter(isAudience).map(context.audienceOf);
  const scopes = [...new Set(scopesOf(object))].filter((scope) => !SIGN_IN_SCOPES.has(scope));
  const audiences = own.length > 0 ? own : scopes.length > 0 ? [context.audience] : [];
  const wrong = scopes.filter((scope) =>
    audiences.map((audience) => context.catalog.grant(id, audience, scope)).includes(false),
  );
  if (wrong.length > 0) {
    const why = `${wrong.join(', ')}: wildcards grant nothing here; the others are imported`;
    object.lost('scope', unsupported(why));
  } else if (scopesOf(object).some((scope) => SIGN_IN_SCOPES.has(scope))) {
    object.lost('scope', {
      ...SIGN_IN,
      why: 'scopes such as openid and offline are for people; the others are imported',
    });
  } else object.changed('scope', `operations of ${audiences.join(' and ')}`);
  const renamed = listed.filter((name) => isAudience(name) && context.audienceOf(name) !== name);
  if (renamed.length > 0) {
    object.changed(
      'audience',
      `${renamed.join(', ')} is a client: the audience is ${renamed.map(context.audienceOf).join(', ')}`,
    );
  } else object.imported('audience');
  return [...new Set(audiences)];
}

const scopesOf = (object: SourceObject): string[] =>
  String(object.peek('scope') ?? '')
    .split(' ')
    .filter((scope) => scope !== '');

function settingsOf(object: SourceObject, audience: readonly string[]): JsonObject {
  const settings: JsonObject = {};
  const strategy = object.peek('access_token_strategy');
  if (strategy === 'jwt' || strategy === 'opaque') {
    object.imported('access_token_strategy', 'token_format');
    settings.token_format = strategy;
  }
  const lifespan = object.peek('client_credentials_grant_access_token_lifespan');
  const seconds = isEmpty(lifespan) ? undefined : secondsOf(lifespan);
  if (isLifetime(seconds)) {
    object.imported('client_credentials_grant_access_token_lifespan', 'access_token_expiration');
    settings.access_token_expiration = seconds;
  }
  if (audience.length > 0) settings.audience = audience;
  return settings;
}
