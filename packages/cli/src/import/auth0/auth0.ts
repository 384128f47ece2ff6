import type { JsonObject } from '../../connection.js';
import type { ImportedDocuments } from '../imported.js';
import type { Report } from '../report.js';
import { OWN, SIGN_IN, unsupported } from '../source.js';
import { isEmpty, isObject, SourceObject } from '../source-object.js';
import { readClient } from './auth0-clients.js';
import { type Known, readGrant } from './auth0-grants.js';
import { readResourceServer } from './auth0-resource-servers.js';
import { type Section, sectionsOf } from './auth0-sections.js';

/** Sections that concern machines as well; all others are for the sign-in of people. */
const OF_MACHINES: Readonly<Record<string, ReturnType<typeof unsupported>>> = {
  actions: unsupported('code that runs in the tenant; for fixed claims use `claims` of a Client or Resource'),
  triggers: unsupported('code that runs in the tenant'),
  hooks: unsupported('code that runs in the tenant'),
  logStreams: unsupported('use the audit log'),
  networkACLs: unsupported('limit addresses at a gateway'),
  customDomains: unsupported('set LATCHKEY_PUBLIC_URL, or LATCHKEY_ISSUER for the former issuer'),
  rateLimitPolicies: unsupported('use `token_quota` of a Client'),
  tokenExchangeProfiles: unsupported('token exchange is not supported'),
  agents: unsupported('register a Client'),
};

/** Auth0: exports of the Deploy CLI (YAML or folder), and responses of the Management API. */
export function importAuth0(paths: readonly string[], report: Report, documents: ImportedDocuments): void {
  const sections = paths.flatMap((path) => sectionsOf(path, report));
  const of = (name: string) => sections.filter((section) => section.name === name);
  const known: Known = { clients: new Map(), resources: new Map() };
  for (const object of objectsOf(of('clients'), report, ['client_id', 'name'])) {
    readClient(object, documents, known);
  }
  for (const object of objectsOf(of('resourceServers'), report, ['identifier', 'name'])) {
    readResourceServer(object, documents, known);
  }
  for (const object of objectsOf(of('clientGrants'), report, GRANT_KEYS)) {
    readGrant(object, documents, known);
  }
  for (const object of of('tenant').flatMap(({ items }) => items.filter(isObject))) {
    readTenant(new SourceObject(report, 'tenant', object));
  }
  const done = ['clients', 'resourceServers', 'clientGrants', 'tenant'];
  for (const section of sections.filter(({ name }) => !done.includes(name))) readOther(section, report);
}

function objectsOf(sections: readonly Section[], report: Report, keys: readonly string[]): SourceObject[] {
  return sections.flatMap(({ name, items }) =>
    items.flatMap((item, at) => {
      if (!isObject(item)) {
        const why = 'is not an object';
        report.add({ object: `${name}/${at}`, outcome: 'not_imported', group: 'malformed', detail: why });
        return [];
      }
      return [new SourceObject(report, `${name}/${keyOf(item, keys) ?? at}`, item)];
    }),
  );
}

/** A grant has an id only where the export has ids. */
const GRANT_KEYS = ['id', 'client_id'];

function keyOf(item: JsonObject, keys: readonly string[]): string | undefined {
  const key = keys.map((name) => item[name]).find((value) => typeof value === 'string') as string | undefined;
  return keys === GRANT_KEYS && item.id === undefined ? `${key}@${item.audience}` : key;
}

function readTenant(tenant: SourceObject): void {
  const { group } = unsupported('');
  tenant.end({
    default_audience: {
      group,
      why: 'list the audience first in `auth.client_credentials.audience` of the clients',
    },
    default_token_quota: { group, why: 'use `token_quota` of each Client' },
    flags: SIGN_IN,
    sessions: SIGN_IN,
    ...Object.fromEntries(TENANT_MEMBERS.map((name) => [name, SIGN_IN])),
  });
}

const TENANT_MEMBERS = [
  ...['friendly_name', 'picture_url', 'support_email', 'support_url', 'default_directory', 'session_cookie'],
  ...[
    'session_lifetime',
    'idle_session_lifetime',
    'ephemeral_session_lifetime',
    'enabled_locales',
    'oidc_logout',
  ],
  ...[
    'idle_ephemeral_session_lifetime',
    'sandbox_version',
    'sandbox_versions_available',
    'allowed_logout_urls',
  ],
  ...['default_redirection_uri', 'change_password', 'guardian_mfa_page', 'error_page', 'device_flow', 'mtls'],
  ...[
    'universal_login',
    'customize_mfa_in_postlogin_action',
    'allow_organization_name_in_authentication_api',
  ],
  ...['acr_values_supported', 'pushed_authorization_requests_supported', 'legacy_sandbox_version'],
  ...['skip_non_verifiable_callback_uri_confirmation_prompt', 'resource_parameter_profile'],
];

function readOther({ name, items }: Section, report: Report): void {
  if (items.every(isEmpty)) {
    report.add({ object: name, outcome: 'imported', detail: 'empty' });
    return;
  }
  const { group, why } = name === 'files' ? OWN : (OF_MACHINES[name] ?? SIGN_IN);
  const members = items.map((item, at) =>
    isObject(item) ? (keyOf(item, ['name', 'id', 'domain', 'template']) ?? String(at)) : String(item),
  );
  report.add({ object: name, outcome: 'not_imported', group, detail: why, members });
}
