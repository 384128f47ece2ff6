import type { Session } from '../../../sessions/session.js';
import { Is, Unchecked } from '../body/member-checks.js';
import { MembersReading } from '../body/members.js';
import type { JsonObject } from '../body/merge-patch.js';
import { changedReadOnly } from '../body/read-only.js';
import { disagreements, WrittenMembers } from '../configuration/written.dto.js';
import { sessionView } from './session.view.js';

const SESSION_READ_ONLY = [
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
class SessionMembers extends WrittenMembers {
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

/** Throws 422 if a change would do anything but close the session. */
export function assertCloses(body: JsonObject, session: Session): void {
  const reading = new MembersReading(SessionMembers, body);
  reading.add(disagreements(body, 'Session', session.id));
  reading.add(changedReadOnly(sessionView(session), body, SESSION_READ_ONLY));
  reading.take();
}
