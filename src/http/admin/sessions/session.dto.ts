import { Allow } from 'class-validator';
import { Is } from '../body/member-checks.js';
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

/** A change of a session can only close it; what else the server has written may be written back as it is. */
export class SessionMembers extends WrittenMembers {
  @Is((value) => (value === false ? undefined : 'must be false: a session can only be closed'))
  active!: false;

  @Allow()
  client?: unknown;

  @Allow()
  type?: unknown;

  @Allow()
  scope?: unknown;

  @Allow()
  audience?: unknown;

  @Allow()
  token_format?: unknown;

  @Allow()
  start?: unknown;

  @Allow()
  end?: unknown;

  @Allow()
  refresh_end?: unknown;
}
