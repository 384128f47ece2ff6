import { isOperation, MAX_DESCRIPTION_CHARACTERS } from '../limits.js';
import type { Reason } from '../report.js';
import { identity, SIGN_IN, unsupported } from '../source.js';
import { isObject, listOf, type SourceObject } from '../source-object.js';
import { BUILT_IN } from './keycloak-members.js';
import type { Realm } from './realm.js';

/** Scopes of every realm: claims about people, and those that Keycloak adds to tokens. */
export const BUILT_IN_SCOPES: ReadonlySet<string> = new Set([
  ...['profile', 'email', 'address', 'phone', 'offline_access', 'microprofile-jwt', 'organization'],
  ...['roles', 'web-origins', 'acr', 'basic', 'service_account', 'role_list', 'saml_organization', 'openid'],
]);

/** A client scope: an operation of the resource that its audience mapper names. */
export function readClientScope(object: SourceObject, realm: Realm): void {
  const refusal = refusalOf(object);
  if (refusal) {
    object.refuse(refusal);
    return;
  }
  const name = object.peek('name') as string;
  object.imported('name', 'an operation');
  object.changed('id', 'an operation has a name only');
  object.imported('protocol');
  const description = object.text('description', MAX_DESCRIPTION_CHARACTERS);
  const audiences = realm.audiencesOfMappers(object.peek('protocolMappers'));
  readMappers(object, audiences.length);
  readAttributes(object);
  object.end();
  realm.scopes.set(name, { name, description, audiences });
  for (const audience of audiences.length > 0 ? audiences : [realm.audience]) {
    realm.catalog.operation(audience, name, {
      ...(description === undefined ? {} : { description }),
      ...(audience === realm.audience ? { id: realm.name } : {}),
    });
  }
}

function refusalOf(object: SourceObject): Reason | undefined {
  const name = object.peek('name');
  if (typeof name === 'string' && BUILT_IN_SCOPES.has(name)) return BUILT_IN;
  if (object.peek('protocol') === 'saml') return SIGN_IN;
  return isOperation(name) ? undefined : identity('the name must be a scope of RFC 6749 without *');
}

function readMappers(object: SourceObject, audiences: number): void {
  const mappers = listOf(object.peek('protocolMappers')).filter(isObject);
  if (mappers.length === 0) return;
  const others = mappers.filter(({ protocolMapper }) => protocolMapper !== 'oidc-audience-mapper');
  if (others.length === 0 && audiences > 0) object.changed('protocolMappers', 'the audience of the Resource');
  else {
    const names = others.map(({ name }) => name).join(', ');
    object.lost(
      'protocolMappers',
      unsupported(`claims of a scope are not imported: ${names}; use \`claims\``),
    );
  }
}

function readAttributes(object: SourceObject): void {
  const attributes = object.nested('attributes');
  attributes?.end({
    'include.in.token.scope': {
      ...unsupported('every granted item is in the scope of the token'),
      unless: 'true',
    },
    'display.on.consent.screen': { ...SIGN_IN, unless: 'false' },
    'consent.screen.text': SIGN_IN,
    'gui.order': SIGN_IN,
  });
}
