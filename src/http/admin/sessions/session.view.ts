import type { JsonObject } from '../../../administration/documents/merge-patch.js';
import { headOf, isoTime, present } from '../../../administration/documents/meta.js';
import { WORKLOAD_GRANT } from '../../../clients/federation/workload.js';
import type { Session } from '../../../sessions/session.js';

/** A session ends once, for whatever reason; the ended session is its second version. */
export const versionOf = ({ live }: Session): number => (live ? 1 : 2);

/** A session as its administrator sees it: never its token, nor anything from which one could be made. */
export const sessionView = (session: Session): JsonObject =>
  present({
    ...headOf('Session', {
      id: session.id,
      version: versionOf(session),
      createdAt: session.startedAt,
      updatedAt: session.closedAt ?? session.familyClosedAt ?? session.startedAt,
    }),
    client: { resourceType: 'Client', id: session.clientId },
    type: session.type,
    workload: session.type === WORKLOAD_GRANT ? session.subject : undefined,
    active: session.live,
    scope: session.scope ?? undefined,
    audience: session.audience,
    token_format: session.tokenFormat,
    federated: session.federated === null ? undefined : (JSON.parse(session.federated) as JsonObject),
    address: session.address ?? undefined,
    user_agent: session.userAgent ?? undefined,
    start: isoTime(session.startedAt),
    end: isoTime(session.endsAt),
    refresh_end: session.refreshEndsAt === null ? undefined : isoTime(session.refreshEndsAt),
  });
