import type { AuditEntry } from '../../audit/audit-event.js';
import type { Row } from '../../database/row-reader.js';
import { addToGroup } from '../../protocol/groups.js';

const MAX_SINGLE_EVENTS = 20;

/** The events for these notes of closed sessions: one for each, or one for many of the same origin. */
export function closingEntries(notes: readonly Row[]): AuditEntry[] {
  const groups = new Map<string, Row[]>();
  for (const note of notes) {
    const { client_id, reason, agent_id, agent_session_id, address } = note;
    const origin = JSON.stringify([client_id, reason, agent_id, agent_session_id, address]);
    addToGroup(groups, origin, note);
  }
  return [...groups.values()].flatMap((group) =>
    group.length > MAX_SINGLE_EVENTS ? [groupEntry(group)] : group.flatMap(singleEntries),
  );
}

function singleEntries(note: Row): AuditEntry[] {
  const common = {
    ...originOf(note),
    target: { resourceType: 'Session', id: String(note.session_id) },
    detail: { reason: String(note.reason) },
  };
  const closed: AuditEntry = { ...common, action: 'session.close', outcome: 'success' };
  // Reuse means that the refresh token was copied, so it gets an event of its own.
  return note.reason === 'refresh_token_reuse'
    ? [{ ...common, action: 'refresh-token.reuse', outcome: 'failure' }, closed]
    : [closed];
}

const groupEntry = (group: readonly Row[]): AuditEntry => ({
  ...originOf(group.at(-1) as Row),
  action: 'session.close',
  outcome: 'success',
  detail: {
    reason: String(group[0]?.reason),
    count: group.length,
    sessions: group.map(({ session_id, noted_at }) => ({
      id: String(session_id),
      closed: new Date(Number(noted_at)).toISOString(),
    })),
  },
});

const originOf = ({ client_id, agent_id, agent_session_id, address, noted_at }: Row) => ({
  date: Number(noted_at),
  clientId: String(client_id),
  agent: {
    ...(agent_id === null ? {} : { clientId: String(agent_id) }),
    ...(agent_session_id === null ? {} : { sessionId: String(agent_session_id) }),
    ...(address === null ? {} : { address: String(address) }),
  },
});
