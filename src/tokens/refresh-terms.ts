import type { Client } from '../clients/client.js';
import { tokenDigest } from '../crypto/digest.js';
import type { NewSession, Session } from '../sessions/session.js';

const DAY_MILLISECONDS = 24 * 3600 * 1000;
const DEFAULT_REFRESH_MILLISECONDS = 30 * DAY_MILLISECONDS;
/** A chain of refreshes ends, however busy it is. */
const MAX_FAMILY_MS = 90 * DAY_MILLISECONDS;

type RefreshTerms = Pick<NewSession, 'familyId' | 'familyEndsAt' | 'refreshDigest' | 'refreshEndsAt'>;

/** What a session records of the refresh token beside it: its digest, its end, and the family that it belongs to. */
export function refreshTerms(
  session: Pick<NewSession, 'id' | 'startedAt' | 'endsAt'>,
  client: Client,
  refreshToken: string | undefined,
  first: Session | undefined,
): RefreshTerms {
  if (refreshToken === undefined) {
    return { familyId: null, familyEndsAt: null, refreshDigest: null, refreshEndsAt: null };
  }
  const seconds = client.clientCredentials.refreshTokenExpirationSeconds;
  const idleMilliseconds = seconds === undefined ? DEFAULT_REFRESH_MILLISECONDS : seconds * 1000;
  const refreshEndsAt = Math.min(
    session.startedAt + idleMilliseconds,
    (first ?? session).startedAt + MAX_FAMILY_MS,
  );
  return {
    familyId: (first ?? session).id,
    familyEndsAt: first ? null : Math.max(refreshEndsAt, session.endsAt),
    refreshDigest: tokenDigest(refreshToken),
    refreshEndsAt,
  };
}

/** In force, whether it was used or not. */
export const standsForRefresh = (
  { standing, refreshEndsAt }: Pick<Session, 'standing' | 'refreshEndsAt'>,
  now: number,
): boolean => standing && (refreshEndsAt ?? 0) > now;

export const graceSecondsOf = (client: Client): number =>
  client.clientCredentials.refreshTokenReuseGraceSeconds ?? 0;

/** Whether a used refresh token may come back, because its answer may have been lost; no longer after a clock that steps back. */
export const mayRetry = (usedAt: number, client: Client, now: number): boolean =>
  Math.abs(now - usedAt) < graceSecondsOf(client) * 1000;
