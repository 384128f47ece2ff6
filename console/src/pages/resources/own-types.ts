const OWN_TYPES: ReadonlySet<string> = new Set([
  ...['Client', 'Resource', 'AccessPolicy', 'TrustedIssuer'],
  ...['Session', 'SigningKey', 'AuditEvent'],
]);

/** Whether a resource is one of the server's own types, which are listed and read-only. */
export const isOwnType = (id: string): boolean => OWN_TYPES.has(id);
