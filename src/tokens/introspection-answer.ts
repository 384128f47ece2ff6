import type { IntrospectionResponse } from '../protocol/introspection-response.js';
import { formatScope } from '../protocol/scope.js';
import { toSeconds } from '../runtime/clock.js';
import type { PresentedSession } from '../sessions/session.js';

/** What a caller is told of sessions with equal terms: the members of RFC 7662 2.2 that these have in common, as JSON. */
export interface IntrospectionPlan {
  /** Without its closing brace; nothing where such a session is told to be inactive. */
  start: string | undefined;
}

export const INACTIVE = JSON.stringify({ active: false } satisfies IntrospectionResponse);

type Active = Extract<IntrospectionResponse, { active: true }>;

export function planIntrospection(
  session: PresentedSession,
  scope: readonly string[] | null,
): IntrospectionPlan {
  const { clientId, subject, audience, issuer } = session;
  const shared: Omit<Active, 'iat' | 'exp' | 'jti' | 'token_type'> = {
    active: true,
    ...(scope === null ? {} : { scope: formatScope(scope) }),
    client_id: clientId,
    sub: subject,
    aud: audience.length === 1 ? (audience[0] as string) : audience,
    iss: issuer,
  };
  return { start: JSON.stringify(shared).slice(0, -1) };
}

/** The whole answer as JSON; a session's id holds nothing that JSON escapes. A refresh token has no type. */
export function introspectionAnswer(
  { start }: IntrospectionPlan,
  { id, startedAt }: PresentedSession,
  endsAt: number,
  tokenType: 'Bearer' | undefined,
): string {
  if (start === undefined) return INACTIVE;
  const type = tokenType === undefined ? '' : `,"token_type":"${tokenType}"`;
  return `${start},"iat":${toSeconds(startedAt)},"exp":${toSeconds(endsAt)},"jti":"${id}"${type}}`;
}

const MAX_KEY_CHARACTERS = 2048;

/** Tells apart the sessions of which a caller may be told different things; nothing for terms too long to be remembered. */
export function introspectionKey(callerId: string, session: PresentedSession): string | undefined {
  const { clientId, subject, issuer, audienceAsked, text } = session;
  // A line feed is in none of the parts, a tabulator in no scope.
  const terms = `${audienceAsked}\n${text.audience}\n${text.scope ?? '\t'}`;
  const key = `${callerId}\n${clientId}\n${subject}\n${issuer}\n${terms}`;
  return key.length > MAX_KEY_CHARACTERS ? undefined : key;
}
