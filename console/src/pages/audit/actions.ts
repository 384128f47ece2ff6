/** The actions of audit events, as `AuditAction` of the API lists them. */
export const ACTIONS = [
  ...['client.create', 'client.update', 'client.delete'],
  ...['client.rotate-secret', 'client.add-secret', 'client.end-secret', 'client.contain'],
  ...['hand-over.make', 'hand-over.open', 'hand-over.expire'],
  ...['resource.create', 'resource.update', 'resource.delete'],
  ...['policy.create', 'policy.update', 'policy.delete'],
  ...['trusted-issuer.create', 'trusted-issuer.update', 'trusted-issuer.delete'],
  ...['signing-key.create', 'signing-key.update', 'signing-key.delete'],
  ...['token.issue', 'token.deny', 'session.close', 'refresh-token.reuse'],
  ...['authentication.fail', 'authentication.throttle', 'authorization.deny'],
  ...['introspection.deny', 'revocation.deny', 'quota.exceed'],
  ...['audit.begin', 'audit.break', 'audit.drop', 'backup.restore'],
];
