import type { JsonObject } from '../../connection.js';
import type { ImportedDocuments } from '../imported.js';
import { ID_SYNTAX, isId, isLifetime, MAX_DESCRIPTION_CHARACTERS, MAX_NAME_CHARACTERS } from '../limits.js';
import type { Reason } from '../report.js';
import { identity, SIGN_IN, SIGN_IN_CLIENT, unsupported } from '../source.js';
import { type SourceObject, textsOf } from '../source-object.js';
import { credentialsOf } from './keycloak-credentials.js';
import { claimsOfMappers } from './keycloak-mappers.js';
import { BUILT_IN, CLIENT_ATTRIBUTES, CLIENT_MEMBERS, OWN_CLIENTS } from './keycloak-members.js';
import { BUILT_IN_SCOPES } from './keycloak-scopes.js';
import type { Realm } from './realm.js';

/** A client with a service account: a Client, and its scopes as a policy. */
export function readClient(object: SourceObject, documents: ImportedDocuments, realm: Realm): void {
  const refusal = refusalOf(object, documents);
  if (refusal) {
    object.refuse(refusal);
    realm.clientIds.delete(String(object.peek('clientId')));
    return;
  }
  const id = object.peek('clientId') as string;
  object.imported('clientId');
  object.changed('id', 'the id of the Client is its clientId');
  const name = object.text('name', MAX_NAME_CHARACTERS);
  const description = object.text('description', MAX_DESCRIPTION_CHARACTERS);
  if (typeof object.peek('enabled') === 'boolean') object.imported('enabled');
  const attributes = object.nested('attributes');
  const { members, secret } = credentialsOf(object, attributes);
  const { claims, audiences } = claimsOfMappers(object, realm);
  grantScopes(object, id, audiences, realm);
  const settings = settingsOf(attributes, realm);
  attributes?.changed('client.secret.creation.time', 'the import creates the secret anew');
  attributes?.end(CLIENT_ATTRIBUTES);
  accountForFlows(object);
  object.end(CLIENT_MEMBERS);
  if (audiences.length > 0) settings.audience = audiences;
  const body = {
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    active: object.peek('enabled') !== false,
    grant_types: ['client_credentials'],
    ...members,
    ...(Object.keys(settings).length > 0 ? { auth: { client_credentials: settings } } : {}),
    ...(Object.keys(claims).length > 0 ? { claims } : {}),
  };
  documents.add({ type: 'Client', id, body, ...secret, origin: object.name });
}

function refusalOf(object: SourceObject, documents: ImportedDocuments): Reason | undefined {
  const id = object.peek('clientId');
  if (typeof id === 'string' && OWN_CLIENTS.has(id)) return BUILT_IN;
  if (object.peek('protocol') === 'saml') return SIGN_IN;
  if (object.peek('bearerOnly') === true) {
    return unsupported(
      'an API: its roles are imported as a Resource; give it a Client if it introspects tokens',
    );
  }
  if (object.peek('publicClient') === true || object.peek('serviceAccountsEnabled') !== true)
    return SIGN_IN_CLIENT;
  if (!isId(id)) return identity(`the clientId must be ${ID_SYNTAX}`);
  return documents.has('Client', id) ? identity('the clientId occurs twice') : undefined;
}

/** Scopes that are always granted, and those that a client may ask for, are granted alike. */
function grantScopes(object: SourceObject, id: string, own: readonly string[], realm: Realm): void {
  for (const member of ['defaultClientScopes', 'optionalClientScopes']) {
    const names = textsOf(object.peek(member)).filter((name) => !BUILT_IN_SCOPES.has(name));
    const unknown = names.filter((name) => !realm.scopes.has(name));
    for (const name of names) {
      const scope = realm.scopes.get(name);
      if (!scope) continue;
      const audiences =
        scope.audiences.length > 0 ? scope.audiences : own.length > 0 ? own : [realm.audience];
      for (const audience of audiences) realm.catalog.grant(id, audience, name);
    }
    if (unknown.length > 0) {
      object.lost(member, {
        group: 'reference',
        why: `the file does not contain ${unknown.join(', ')}; the others are imported`,
      });
    } else if (names.length > 0) object.changed(member, 'operations of the policy of the client');
    else object.imported(member, 'built in');
  }
}

function settingsOf(attributes: SourceObject | undefined, realm: Realm): JsonObject {
  const settings: JsonObject = { token_format: 'jwt' };
  const lifespan = Number(attributes?.peek('access.token.lifespan') ?? Number.NaN);
  if (isLifetime(lifespan)) attributes?.imported('access.token.lifespan', 'access_token_expiration');
  const expiration = isLifetime(lifespan) ? lifespan : realm.lifetime;
  if (expiration !== undefined) settings.access_token_expiration = expiration;
  const alg = attributes?.peek('access.token.signed.response.alg') ?? realm.alg;
  if (typeof alg === 'string' && ['RS256', 'PS256', 'ES256', 'EdDSA'].includes(alg)) {
    attributes?.imported('access.token.signed.response.alg', 'signing_alg');
    settings.signing_alg = alg;
  }
  if (attributes?.peek('client_credentials.use_refresh_token') === 'true') {
    attributes.imported('client_credentials.use_refresh_token', 'refresh_token');
    settings.refresh_token = true;
  }
  return settings;
}

function accountForFlows(object: SourceObject): void {
  object.imported('serviceAccountsEnabled', 'the grant client_credentials');
  object.imported('protocol');
  if (object.peek('fullScopeAllowed') !== undefined) {
    object.changed('fullScopeAllowed', 'which roles are operations of the policy');
  }
  for (const flow of ['standardFlowEnabled', 'implicitFlowEnabled', 'directAccessGrantsEnabled']) {
    if (object.peek(flow) === true) object.lost(flow, SIGN_IN);
  }
}
