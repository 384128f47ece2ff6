import type { TokenUses } from '../../clients/scope-use/scope-use-counts.js';
import { JsonTemplate, NUMBER, TEXT, VALUE } from '../../protocol/json-template.js';
import type { IntrospectionResponse } from '../../protocol/messages/introspection-response.js';
import { formatScope } from '../../protocol/scope.js';
import { toSeconds } from '../../runtime/clock.js';
import type { PresentedSession } from '../../sessions/session.js';
import type { ListedSession } from '../listed-audiences.js';
import type { AddedClaims } from '../token-claims.js';

/** What one caller sees of all tokens of one kind whose sessions have equal terms (RFC 7662 2.2). */
export interface IntrospectionPlan {
  /** Open for the times and the id; undefined if such a session is reported as inactive. */
  response: JsonTemplate | undefined;
  /** The items that such a session is shown with; absent for a refresh token. */
  uses?: TokenUses | undefined;
}

/** A refresh token has no type. */
export type IntrospectedType = 'Bearer' | undefined;

export const INACTIVE = JSON.stringify({ active: false } satisfies IntrospectionResponse);

type Active = Extract<IntrospectionResponse, { active: true }>;

export function planIntrospection(
  session: PresentedSession,
  scope: readonly string[] | null,
  tokenType: IntrospectedType,
  added: AddedClaims | undefined,
): IntrospectionPlan {
  const { clientId, subject, audience, issuer } = session;
  const response: Active = {
    ...added?.claims,
    active: true,
    ...(scope === null ? {} : { scope: formatScope(scope) }),
    ...(added?.permissions && scope !== null ? { permissions: scope } : {}),
    client_id: clientId,
    sub: subject,
    aud: audience.length === 1 ? (audience[0] as string) : audience,
    iss: issuer,
    iat: NUMBER,
    exp: NUMBER,
    jti: TEXT,
    ...(tokenType === undefined ? {} : { token_type: tokenType }),
    ...(session.federated === null ? {} : { federated: VALUE as NonNullable<Active['federated']> }),
  };
  return { response: new JsonTemplate(response) };
}

/** The whole response as JSON. */
export function introspectionAnswer(
  { response }: IntrospectionPlan,
  { id, startedAt, federated }: PresentedSession,
  endsAt: number,
): string {
  if (!response) return INACTIVE;
  const own = [toSeconds(startedAt), toSeconds(endsAt), id];
  return response.fill(...(federated === null ? own : [...own, federated]));
}

const MAX_KEY_CHARACTERS = 2048;

/** Equal only for sessions of which a caller sees the same; undefined for terms that are too long to cache. */
export function introspectionKey(
  callerId: string,
  session: ListedSession,
  tokenType: IntrospectedType,
): string | undefined {
  const { clientId, subject, issuer, audienceAsked, federated, text, limit, own } = session;
  // No part contains a line feed; a tab alone stands for no list. V8 would make a tree of strings from a template of so
  // many parts, and flatten it for the lookup: that takes half as long again.
  const key = [
    callerId,
    clientId,
    subject,
    issuer,
    tokenType ?? '',
    federated === null ? '' : 'federated',
    audienceAsked ? 'asked' : '',
    text.audience,
    text.scope ?? '\t',
    limit?.join('\t') ?? '\t',
    own?.version ?? '',
  ].join('\n');
  return key.length > MAX_KEY_CHARACTERS ? undefined : key;
}
