import { Is, Unchecked } from '../body/member-checks.js';
import { WrittenMembers } from '../configuration/written.dto.js';

export const SESSION_READ_ONLY = [
  'client',
  'type',
  'scope',
  'audience',
  'token_format',
  'start',
  'end',
  'refresh_end',
] as const;

/** A change can only close a session; read-only members may be repeated unchanged. */
export class SessionMembers extends WrittenMembers {
  @Is((value) => (value === false ? undefined : 'must be false: a session can only be closed'))
  active!: false;

  @Unchecked()
  client?: unknown;

  @Unchecked()
  type?: unknown;

  @Unchecked()
  scope?: unknown;

  @Unchecked()
  audience?: unknown;

  @Unchecked()
  token_format?: unknown;

  @Unchecked()
  start?: unknown;

  @Unchecked()
  end?: unknown;

  @Unchecked()
  refresh_end?: unknown;
}
