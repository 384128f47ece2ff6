/** The server's own resource types, which are always registered; resource `*` never includes them. */
export const OWN_TYPES = [
  'Client',
  'Resource',
  'AccessPolicy',
  'TrustedIssuer',
  'Session',
  'SigningKey',
  'AuditEvent',
] as const;

export type OwnType = (typeof OWN_TYPES)[number];

const OWN_TYPE_NAMES: ReadonlySet<string> = new Set(OWN_TYPES);

export const isOwnType = (resource: string): resource is OwnType => OWN_TYPE_NAMES.has(resource);
