/** Whether this server or a standard gives the name a meaning, which a static claim must not imitate. */
const RESERVED: ReadonlySet<string> = new Set([
  // RFC 7519 4.1
  ...['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti'],
  // RFC 9068 2.2
  ...['client_id', 'auth_time', 'acr', 'amr', 'scope', 'roles', 'groups', 'entitlements'],
  // RFC 7662 2.2, RFC 9701 5
  ...['active', 'username', 'token_type', 'token_introspection'],
  // RFC 7800 3, RFC 8693 4, RFC 9396 9.1, RFC 8417 2.2
  ...['cnf', 'act', 'may_act', 'authorization_details', 'events', 'toe', 'txn'],
  // OpenID Connect Core 2 and 5.6.2, and its logout
  ...['nonce', 'at_hash', 'c_hash', 's_hash', 'sid', '_claim_names', '_claim_sources'],
  // Of the dialects and of this server
  ...['azp', 'gty', 'permissions', 'rejected_scope', 'resource', 'workload', 'federated'],
]);

/** In any case, because some APIs compare names so. */
export const isReservedClaim = (name: string): boolean => RESERVED.has(name.toLowerCase());
