import type { Client } from '../clients/client.js';
import { tokenDigest } from '../crypto/digest.js';
import type { NewSession, Session } from '../sessions/session.js';

const DAY_MILLISECONDS = 24 * 3600 * 1000;
const DEFAULT_REFRESH_MILLISECONDS = 30 * DAY_MILLISECONDS;
/** The absolute lifetime of a family, however often it is refreshed. */
const MAX_FAMILY_MS = 90 * DAY_MILLISECONDS;

type RefreshTerms = Pick<NewSession, 'familyId' | 'familyEndsAt' | 'refreshDigest' | 'refreshEndsAt'>;

/** What a session records of its refresh token: digest, expiry, and the family. */
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

/** Whether the client is registered for refreshing; the first token of a family comes from client_credentials. */
export const mayRefresh = ({ grantTypes, clientCredentials }: Client): boolean =>
  clientCredentials.refreshToken === true && grantTypes.includes('client_credentials');

/** Whether its refresh token is valid, used or not. */
export const isRefreshable = (
  { ownersValid, refreshEndsAt }: Pick<Session, 'ownersValid' | 'refreshEndsAt'>,
  now: number,
): boolean => ownersValid && (refreshEndsAt ?? 0) > now;

export const graceSecondsOf = (client: Client): number =>
  client.clientCredentials.refreshTokenReuseGraceSeconds ?? 0;

/**
 * Whether a used refresh token may be retried, because the response to its first use may have been lost. The difference
 * is absolute, so a clock that steps back does not extend the grace period.
 */
export const mayRetry = (usedAt: number, client: Client, now: number): boolean =>
  Math.abs(now - usedAt) < graceSecondsOf(client) * 1000;
