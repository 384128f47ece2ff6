import type { JsonObject } from '../../connection.js';
import { Failure } from '../../failure.js';
import { Catalog } from '../catalog.js';
import type { ImportedDocuments } from '../imported.js';
import type { Report } from '../report.js';
import type { ImportOptions } from '../source.js';
import { sourceFiles } from '../source-files.js';
import { isEmpty, isObject, listOf, SourceObject } from '../source-object.js';
import { readClient } from './keycloak-clients.js';
import { REALM_MEMBERS } from './keycloak-members.js';
import { readRoles } from './keycloak-roles.js';
import { readClientScope } from './keycloak-scopes.js';
import { readServiceAccounts } from './keycloak-service-accounts.js';
import { Realm } from './realm.js';

/** Keycloak: exports of a realm, of several, or of clients. */
export function importKeycloak(
  paths: readonly string[],
  report: Report,
  documents: ImportedDocuments,
  { audience }: ImportOptions,
): void {
  const files = paths.flatMap((path) => sourceFiles(path).documents);
  const objects = files.flatMap(({ path, value }) => realmsOf(value, path));
  for (const object of withUsers(objects)) readRealm(object, report, documents, audience);
}

/** `kc.sh export --dir` writes users to separate files, `demo-users-0.json`. */
function withUsers(objects: readonly JsonObject[]): JsonObject[] {
  const realms = objects.filter((object) => !isUsers(object)).map((object) => ({ ...object }) as JsonObject);
  for (const { realm: name, users } of objects.filter(isUsers)) {
    const realm = realms.find((each) => each.realm === name);
    if (!realm)
      throw new Failure(`there are users of the realm ${name}, but not the realm: import the whole folder`);
    realm.users = [...listOf(realm.users), ...listOf(users)];
  }
  return realms;
}

const isUsers = (object: JsonObject): boolean =>
  Object.keys(object).every((name) => ['realm', 'users', 'federatedUsers'].includes(name)) &&
  'users' in object;

/** A realm, several, or clients alone, which are a realm without more. */
function realmsOf(value: unknown, file: string): JsonObject[] {
  const objects = (Array.isArray(value) ? value : [value]).filter(isObject);
  if (objects.some((object) => 'realm' in object)) return objects;
  if (objects.length > 0 && objects.every((object) => 'clientId' in object)) return [{ clients: objects }];
  throw new Failure(`${file} is neither the export of a realm nor of clients of Keycloak`);
}

function readRealm(
  object: JsonObject,
  report: Report,
  documents: ImportedDocuments,
  audience: string | undefined,
): void {
  const { clients, clientScopes, roles, users, groups, ...members } = object;
  const realm = new Realm(object, new Catalog(), audience);
  const objects = listOf(clients).filter(isObject);
  for (const scope of listOf(clientScopes).filter(isObject)) {
    readClientScope(new SourceObject(report, `clientScopes/${scope.name}`, scope), realm);
  }
  readRoles(roles, report, realm);
  for (const client of objects) {
    readClient(new SourceObject(report, `clients/${client.clientId}`, client), documents, realm);
  }
  readServiceAccounts(listOf(users).filter(isObject), report, realm);
  if (!isEmpty(groups)) {
    const why = 'groups of people; roles of a service account that follow from a group are not imported';
    report.add({ object: 'groups', outcome: 'not_imported', group: 'sign-in', detail: why });
  }
  readMembers(new SourceObject(report, 'realm', members), realm);
  realm.finish(documents);
}

function readMembers(realm: SourceObject, { lifetime, alg }: Realm): void {
  realm.changed('realm', 'the default audience of scopes that have none, and of realm roles');
  realm.changed('id', 'a server has one realm, without an id');
  if (lifetime !== undefined)
    realm.changed('accessTokenLifespan', 'set on each client without one of its own');
  if (alg !== undefined)
    realm.changed('defaultSignatureAlgorithm', 'set on each client without one of its own');
  for (const member of ['scopeMappings', 'clientScopeMappings']) {
    realm.changed(member, 'respected in the policies of service accounts');
  }
  if (realm.peek('enabled') === true) realm.imported('enabled');
  realm.end(REALM_MEMBERS);
}
