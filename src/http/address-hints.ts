/** Paths of the systems that this server replaces, and of FHIR, with their equivalents here. */
const HINTS: readonly (readonly [address: RegExp, hint: string])[] = [
  [/^\/api\/v2\/clients\b/i, 'clients are at /Client'],
  [/^\/api\/v2\/resource-servers\b/i, 'APIs are at /Resource'],
  [/^\/api\/v2\/(?:client-grants|roles|users)\b/i, 'permissions of clients are at /AccessPolicy'],
  [/^\/api\/v2\/logs\b/i, 'audit events are at /AuditEvent'],
  [/^\/api\/v2\/keys\b/i, 'signing keys are at /SigningKey'],
  [
    /^\/api\/v[23]\//i,
    'the administration API is at /Client, /Resource, /AccessPolicy, /Session, /SigningKey and /AuditEvent',
  ],
  [
    /^\/(?:fhir\/)?(?:User|Role|Group|Organization|Practitioner|Patient)\b/,
    'users are not supported; clients are at /Client, their permissions at /AccessPolicy',
  ],
  [/^\/[A-Z]\w*\/_search$/, 'search with GET and query parameters, such as /Client?name=x'],
  [/^\/[A-Z]\w*\/(?:[^/]+\/)?_history\b/, 'the history of changes is at /AuditEvent'],
  [/^\/fhir\b/, 'paths have no prefix: use /Client'],
  [/^\/clients?\b/i, 'clients are at /Client'],
  [/^\/(?:resources?|resource-servers)\b/i, 'APIs are at /Resource'],
  [/^\/(?:access-?polic(?:y|ies)|policies)\b/i, 'policies are at /AccessPolicy'],
  [/^\/sessions?\b/i, 'sessions are at /Session'],
  [
    /^\/(?:\w+\/)?(?:authorize|login|logout|userinfo|device\/code)\b/,
    'user sign-in is not supported; clients get tokens at /auth/token, /oauth/token or /oidc/token',
  ],
  [
    /^\/(?:oauth2|connect|api)?\/?token$/,
    'tokens are issued at /auth/token, /oauth/token (auth0 dialect) and /oidc/token (authing dialect)',
  ],
];

const BUNDLE =
  'batch and transaction Bundles are not supported; write each resource with PUT, such as /Client/x';

/** What to use instead of a path that does not exist or does not accept this method. */
export function addressHint(method: string, path: string): string | undefined {
  if (method === 'POST' && /^\/(?:fhir\/?)?$/.test(path)) return BUNDLE;
  return HINTS.find(([address]) => address.test(path))?.[1];
}
