import type { IntrospectionResponse } from '../protocol/introspection-response.js';
import { formatScope } from '../protocol/scope.js';
import { toSeconds } from '../runtime/clock.js';
import type { PresentedSession } from '../sessions/session.js';

/** The members of RFC 7662 2.2 that one caller sees of all sessions with equal terms, as JSON. */
export interface IntrospectionPlan {
  /** Without the closing brace; undefined if such a session is reported as inactive. */
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

/** The whole response as JSON; a session id contains no character that JSON escapes. A refresh token has no type. */
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

/** Equal only for sessions of which a caller sees the same; undefined for terms that are too long to cache. */
export function introspectionKey(callerId: string, session: PresentedSession): string | undefined {
  const { clientId, subject, issuer, audienceAsked, text } = session;
  // No part contains a line feed, and no scope a tab.
  const terms = `${audienceAsked}\n${text.audience}\n${text.scope ?? '\t'}`;
  const key = `${callerId}\n${clientId}\n${subject}\n${issuer}\n${terms}`;
  return key.length > MAX_KEY_CHARACTERS ? undefined : key;
}
