import type { SessionRow } from './session.entity.js';

type Property = keyof SessionRow;

/** The columns that sessions of equal requests share. */
export const TERMS = [
  ...(['clientId', 'type', 'dialect', 'issuer', 'subject', 'scope', 'audience'] as const),
  ...(['audienceAsked', 'tokenFormat'] as const),
] satisfies Property[];

/** The columns that are empty until something happens to the session. */
export const SET_LATER = ['closedAt', 'familyClosedAt', 'refreshUsedAt'] as const satisfies Property[];

/** The columns that store lists as text. */
export const LISTS = ['scope', 'audience'] as const satisfies Property[];

type ListProperty = (typeof LISTS)[number];

/** A session's lists as stored: sessions of equal terms are recognised by them without comparing lists. */
export type TermsText = Pick<SessionRow, ListProperty>;

export interface TermsLists {
  /** null: none was requested, and the policies decide at each use; an empty list grants no access. */
  scope: string[] | null;
  audience: string[];
}

/** The columns that the sessions of equal requests share, as stored. */
export type StoredTerms = Readonly<Pick<SessionRow, (typeof TERMS)[number]>>;

export interface SessionTerms extends Omit<StoredTerms, ListProperty>, TermsLists {}

/** The record of one access token that is about to be issued, and of its refresh token. */
export interface NewSession
  extends Omit<SessionRow, (typeof TERMS | typeof SET_LATER)[number] | 'generation'> {
  generation: number;
  terms: StoredTerms;
}

/** The columns that are needed to check an access token, besides the lists. */
export const PRESENTED = [
  ...(['id', 'clientId', 'issuer', 'subject', 'audienceAsked', 'tokenDigest'] as const),
  ...(['startedAt', 'endsAt', 'federated'] as const),
] satisfies Property[];

/** The part of a session that is needed to check its access token. */
export interface PresentedSession extends Pick<SessionRow, (typeof PRESENTED)[number]>, TermsLists {
  /** Its owners are valid, it is not closed, and it has not ended. */
  live: boolean;
  text: TermsText;
}

/** A recorded session, and whether its token works now. */
export interface Session extends Omit<SessionRow, ListProperty | 'generation'>, PresentedSession {
  generation: number;
  /** When the family was closed; the same for all of its sessions. */
  familyClosedAt: number | null;
  /** Whether another session that was issued for the same refresh token was refreshed, and this one was not. */
  siblingUsed: boolean;
  /**
   * Its client exists, is active, has not expired, and has not had all its sessions closed since this one began; its family is open;
   * the key that signed its token has not been removed.
   */
  ownersValid: boolean;
}
