import type { JsonObject } from '../../connection.js';
import { isOperation } from '../limits.js';
import type { Report } from '../report.js';
import { identity } from '../source.js';
import { isEmpty, isObject, listOf, SourceObject } from '../source-object.js';
import { BUILT_IN, isBuiltInRole, OWN_CLIENTS } from './keycloak-members.js';
import { REALM, type Realm } from './realm.js';

/** Roles are operations: of the realm's resource, or of that of their client. */
export function readRoles(roles: unknown, report: Report, realm: Realm): void {
  if (!isObject(roles)) return;
  for (const role of listOf(roles.realm).filter(isObject)) {
    readRole(new SourceObject(report, `roles/realm/${role.name}`, role), REALM, realm);
  }
  if (!isObject(roles.client)) return;
  for (const [client, list] of Object.entries(roles.client)) {
    if (OWN_CLIENTS.has(client)) {
      if (!isEmpty(list))
        report.add({ object: `roles/client/${client}`, outcome: 'not_imported', ...ownRoles(list) });
      continue;
    }
    for (const role of listOf(list).filter(isObject)) {
      readRole(new SourceObject(report, `roles/client/${client}/${role.name}`, role), client, realm);
    }
  }
}

const ownRoles = (list: unknown) => ({
  group: BUILT_IN.group,
  detail: BUILT_IN.why,
  members: listOf(list).flatMap((role) => (isObject(role) ? [String(role.name)] : [])),
});

function readRole(object: SourceObject, of: string, realm: Realm): void {
  const name = object.peek('name');
  if (typeof name !== 'string' || isBuiltInRole(name)) {
    object.refuse(BUILT_IN);
    return;
  }
  if (!isOperation(name)) {
    object.refuse(identity('the name must be a scope of RFC 6749 without *'));
    return;
  }
  const description = object.peek('description');
  realm.role(
    of,
    name,
    typeof description === 'string' ? description : undefined,
    partsOf(object.peek('composites')),
  );
  object.changed('name', 'an operation');
  for (const member of ['description', 'composite', 'composites', 'clientRole']) object.imported(member);
  for (const member of ['id', 'containerId']) object.changed(member, 'an operation has a name only');
  object.end();
}

function partsOf(composites: unknown): { of: string; role: string }[] {
  if (!isObject(composites)) return [];
  const clients = isObject(composites.client) ? (composites.client as JsonObject) : {};
  return [
    ...listOf(composites.realm).map((role) => ({ of: REALM, role: String(role) })),
    ...Object.entries(clients).flatMap(([of, roles]) =>
      listOf(roles).map((role) => ({ of, role: String(role) })),
    ),
  ];
}
