import type { JsonObject } from '../../connection.js';
import type { ImportedDocuments } from '../imported.js';
import {
  idFrom,
  isAudience,
  isId,
  isLifetime,
  isOperation,
  MAX_NAME_CHARACTERS,
  MAX_TOKEN_SECONDS,
} from '../limits.js';
import type { Reason } from '../report.js';
import { identity, OWN, SIGN_IN, unsupported } from '../source.js';
import { isObject, listOf, type Reasons, type SourceObject } from '../source-object.js';
import { hasKeyword, KEYWORD, type Known } from './auth0-grants.js';

const ALGS = ['RS256', 'PS256', 'ES256'];

/** An API of Auth0: a Resource with its identifier as the audience and its permissions as operations. */
export function readResourceServer(object: SourceObject, documents: ImportedDocuments, known: Known): void {
  const refusal = refusalOf(object, documents, known);
  if (refusal) {
    object.refuse(refusal);
    return;
  }
  const audience = object.peek('identifier') as string;
  const given = object.peek('id');
  const isFree = isId(given) && !documents.has('Resource', given);
  const id = isFree ? given : idFrom(audience, (each) => documents.has('Resource', each));
  if (isFree) object.imported('id');
  else object.changed('id', `the id of the Resource is ${id}`);
  object.changed('identifier', 'the audience');
  const name = object.text('name', MAX_NAME_CHARACTERS);
  const operations = operationsOf(object);
  const token = tokenOf(object);
  readClientPolicy(object);
  object.end(REASONS);
  known.resources.set(audience, { id, operations: new Set(operations.map((each) => each.name as string)) });
  const body = {
    ...(name === undefined ? {} : { name }),
    audience,
    operations,
    ...(Object.keys(token).length > 0 ? { token } : {}),
  };
  documents.add({ type: 'Resource', id, body, origin: object.name });
}

function refusalOf(object: SourceObject, documents: ImportedDocuments, known: Known): Reason | undefined {
  const audience = object.peek('identifier');
  if (object.peek('is_system') === true) return OWN;
  if (hasKeyword(audience)) return KEYWORD;
  if (!isAudience(audience)) return identity('the identifier must be 1 to 255 visible ASCII characters');
  if (known.resources.has(audience)) return identity('the identifier occurs twice');
  return documents.has('Client', audience) ? identity('the identifier is the id of a client') : undefined;
}

function operationsOf(object: SourceObject): JsonObject[] {
  const operations = new Map<string, JsonObject>();
  const wrong: string[] = [];
  for (const scope of listOf(object.peek('scopes')).filter(isObject)) {
    const { value, description } = scope;
    if (!isOperation(value)) wrong.push(String(value));
    else operations.set(value, { name: value, ...(typeof description === 'string' ? { description } : {}) });
  }
  if (wrong.length > 0) {
    object.lost('scopes', {
      group: 'malformed',
      why: `no operation can be named ${wrong.join(', ')}; the others are imported`,
    });
  } else object.changed('scopes', 'the operations');
  return [...operations.values()];
}

function tokenOf(object: SourceObject): JsonObject {
  const token: JsonObject = {};
  const seconds = object.peek('token_lifetime');
  if (isLifetime(seconds)) {
    object.changed('token_lifetime', 'token.access_token_expiration');
    token.access_token_expiration = seconds;
  } else if (typeof seconds === 'number') {
    object.changed('token_lifetime', `token.access_token_expiration, at most ${MAX_TOKEN_SECONDS}`);
    token.access_token_expiration = MAX_TOKEN_SECONDS;
  }
  const alg = object.peek('signing_alg');
  if (typeof alg === 'string' && ALGS.includes(alg)) {
    object.changed('signing_alg', 'token.signing_alg');
    token.signing_alg = alg;
  } else if (alg !== undefined) {
    object.changed('signing_alg', 'RS256: the API must verify with the public keys of the server');
    object.changed('signing_secret', 'not used with RS256');
  }
  const dialect = object.peek('token_dialect');
  if (typeof dialect === 'string') {
    const isStandard = dialect.startsWith('rfc9068');
    token.profile = isStandard ? 'rfc9068' : 'classic';
    if (!dialect.endsWith('_authz')) object.changed('token_dialect', `token.profile ${token.profile}`);
    else
      object.lost(
        'token_dialect',
        unsupported(`token.profile ${token.profile}, without the claim \`permissions\``),
      );
  }
  return token;
}

/** Only what requires a grant for each client is as here; without one Latchkey gives nothing. */
function readClientPolicy(object: SourceObject): void {
  const value = object.peek('subject_type_authorization');
  if (!isObject(value)) return;
  const types = object.nested('subject_type_authorization');
  const client = types?.nested('client');
  if (client?.peek('policy') === 'require_client_grant') client.imported('policy');
  client?.end({ policy: unsupported('a client needs a policy that links it') });
  const user = types?.nested('user');
  user?.end({ policy: SIGN_IN });
  types?.end();
}

const REASONS: Reasons = {
  allow_offline_access: SIGN_IN,
  allow_online_access: SIGN_IN,
  allow_online_access_with_ephemeral_sessions: SIGN_IN,
  skip_consent_for_verifiable_first_party_clients: SIGN_IN,
  token_lifetime_for_web: SIGN_IN,
  enforce_policies: { ...SIGN_IN, why: 'checks the roles of people; a client has what its policies allow' },
  consent_policy: SIGN_IN,
  is_system: OWN,
  client_id: unsupported('name the client in `introspection_clients`'),
  client: unsupported('name the client in `introspection_clients`'),
  verificationLocation: OWN,
  signing_secret: unsupported('tokens are signed with the keys of the server'),
  authorization_details: unsupported('rich authorization requests are not supported'),
  token_encryption: unsupported('tokens are not encrypted'),
  proof_of_possession: unsupported('tokens are not bound to a key'),
};
