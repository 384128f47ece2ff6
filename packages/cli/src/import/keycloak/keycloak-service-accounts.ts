import type { JsonObject } from '../../connection.js';
import type { Report } from '../report.js';
import { OWN, reference, SIGN_IN, unsupported } from '../source.js';
import { isEmpty, isObject, SourceObject, textsOf } from '../source-object.js';
import { BUILT_IN, OWN_CLIENTS } from './keycloak-members.js';
import { REALM, type Realm } from './realm.js';

/** The users that represent clients; all others are people. */
export function readServiceAccounts(users: readonly JsonObject[], report: Report, realm: Realm): void {
  for (const user of users) {
    const { serviceAccountClientId: clientId } = user;
    if (typeof clientId !== 'string') continue;
    const object = new SourceObject(report, `users/${user.username ?? clientId}`, user);
    const client = realm.clientOf(clientId);
    if (!client || !realm.clientIds.has(clientId)) object.refuse(reference('its client is not imported'));
    else readServiceAccount(object, client, realm);
  }
  const people = users.filter(({ serviceAccountClientId }) => typeof serviceAccountClientId !== 'string');
  if (people.length === 0) return;
  const members = people.map(({ username, id }) => String(username ?? id));
  report.add({
    object: 'users',
    outcome: 'not_imported',
    group: SIGN_IN.group,
    detail: SIGN_IN.why,
    members,
  });
}

function readServiceAccount(object: SourceObject, client: JsonObject, realm: Realm): void {
  const grant = (of: string, roles: readonly string[]) =>
    roles.flatMap((role) => realm.grantRole(client, of, role));
  const wrong = grant(REALM, textsOf(object.peek('realmRoles')));
  accountFor(object, 'realmRoles', wrong);
  const roles = object.peek('clientRoles');
  if (isObject(roles) && !isEmpty(roles)) {
    const own = object.nested('clientRoles') as SourceObject;
    for (const [of, names] of Object.entries(roles)) {
      if (OWN_CLIENTS.has(of)) own.lost(of, { group: BUILT_IN.group, why: 'administers Keycloak itself' });
      else accountFor(own, of, grant(of, textsOf(names)));
    }
  }
  for (const member of ['id', 'username', 'serviceAccountClientId', 'createdTimestamp']) {
    object.changed(member, 'the client itself has the roles');
  }
  if (object.peek('enabled') === true) object.imported('enabled');
  object.end({
    ...Object.fromEntries(
      ['email', 'firstName', 'lastName', 'emailVerified', 'totp'].map((name) => [name, SIGN_IN]),
    ),
    ...Object.fromEntries(
      ['credentials', 'requiredActions', 'attributes', 'access'].map((name) => [name, SIGN_IN]),
    ),
    enabled: unsupported('set `active: false` on the client'),
    groups: unsupported('roles that follow from a group'),
    notBefore: { ...OWN, unless: 0 },
    disableableCredentialTypes: SIGN_IN,
    federatedIdentities: SIGN_IN,
  });
}

function accountFor(object: SourceObject, member: string, wrong: readonly string[]): void {
  if (wrong.length === 0) object.changed(member, 'operations of a rule in the policy of the client');
  else
    object.lost(
      member,
      unsupported(`no operation can be named ${wrong.join(', ')}; the others are imported`),
    );
}
