/** The reasons of `$explain`, in words. */
export const REASONS: Readonly<Record<string, string>> = {
  granted: 'An allow rule covers all of it, and no deny rule touches it',
  denied: 'A deny rule touches it',
  no_rule: 'No allow rule covers all of it',
  wrong_audience: 'It is outside of the audiences of the client, or of the request',
  unknown_resource: 'No resource has this id',
  unknown_operation: 'The resource has no such operation',
  malformed: 'This is not resource:identifier:operation',
};
