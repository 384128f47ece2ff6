import { Is, Unchecked } from '../../../administration/documents/member-checks.js';
import { MembersReading } from '../../../administration/documents/members.js';
import type { JsonObject } from '../../../administration/documents/merge-patch.js';
import { changedReadOnly } from '../../../administration/documents/read-only.js';
import { disagreements, WrittenMembers } from '../../../administration/documents/written.dto.js';
import type { Session } from '../../../sessions/session.js';
import { sessionView } from './session.view.js';

const SESSION_READ_ONLY = [
  'client',
  'type',
  'workload',
  'scope',
  'audience',
  'token_format',
  'federated',
  'address',
  'user_agent',
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
  workload?: unknown;

  @Unchecked()
  scope?: unknown;

  @Unchecked()
  audience?: unknown;

  @Unchecked()
  token_format?: unknown;

  @Unchecked()
  federated?: unknown;

  @Unchecked()
  address?: unknown;

  @Unchecked()
  user_agent?: unknown;

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
