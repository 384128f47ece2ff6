import type { TokenFormat } from '../protocol/grant-type.js';

/** What the sessions of equal requests have in common. */
export interface SessionTerms {
  clientId: string;
  /** The grant that it came from. */
  type: string;
  dialect: string;
  issuer: string;
  subject: string;
  /** null: none was asked, and the policies of the moment decide; an empty list opens nothing. */
  scope: string[] | null;
  audience: string[];
  /** Whether an audience was asked for, so that an item may be the bare name of an operation. */
  audienceAsked: boolean;
  tokenFormat: TokenFormat;
}

/** The columns of a session's terms that are made into text; equal requests share them. */
export interface TermsText {
  scope: string | null;
  audience: string;
}

/** What is recorded of one access token that is about to be issued, and of the refresh token beside it. */
export interface NewSession extends SessionTerms {
  /** UUIDv7: rows are appended in the order of time. */
  id: string;
  /** The key that signed the token; null for an opaque one. */
  kid: string | null;
  /** SHA-256 of the access token. */
  tokenDigest: string;
  /** Epoch milliseconds. */
  startedAt: number;
  endsAt: number;
  /** The session that the first refresh token of the family came with; null without refresh tokens. */
  familyId: string | null;
  /** When the whole family has ended; kept on its first session. */
  familyEndsAt: number | null;
  /** The session whose refresh token this one was issued for; null for the first of a family. */
  refreshedFrom: string | null;
  refreshDigest: string | null;
  refreshEndsAt: number | null;
  /** That of the client as it authenticated; in a family that of its first session. */
  generation: number;
}

/** What one session has for itself. */
type OwnTerms = Omit<NewSession, keyof SessionTerms>;

/** Member by member: spreading a dozen of them into one object costs more than all the rest of a token's terms. */
export const newSession = (terms: SessionTerms, own: OwnTerms): NewSession => ({
  clientId: terms.clientId,
  type: terms.type,
  dialect: terms.dialect,
  issuer: terms.issuer,
  subject: terms.subject,
  scope: terms.scope,
  audience: terms.audience,
  audienceAsked: terms.audienceAsked,
  tokenFormat: terms.tokenFormat,
  id: own.id,
  kid: own.kid,
  tokenDigest: own.tokenDigest,
  startedAt: own.startedAt,
  endsAt: own.endsAt,
  familyId: own.familyId,
  familyEndsAt: own.familyEndsAt,
  refreshedFrom: own.refreshedFrom,
  refreshDigest: own.refreshDigest,
  refreshEndsAt: own.refreshEndsAt,
  generation: own.generation,
});

/** As much of a session as whoever is shown its access token needs to know. */
export interface PresentedSession extends Omit<SessionTerms, 'type' | 'dialect' | 'tokenFormat'> {
  id: string;
  tokenDigest: string;
  startedAt: number;
  endsAt: number;
  /** Standing, not closed by itself, not ended. */
  live: boolean;
  /** Scope and audience as they are stored, to tell sessions of equal terms without comparing lists. */
  text: TermsText;
}

/** A recorded session, and whether its token works now. */
export interface Session extends NewSession, PresentedSession {
  closedAt: number | null;
  /** When the family was closed, whichever of its sessions this is. */
  familyClosedAt: number | null;
  refreshUsedAt: number | null;
  /** Whether another session that came of the same refresh token was continued, and this one was not. */
  siblingUsed: boolean;
  /**
   * Its client is there, is active, and has not had all its sessions closed since this one began; its family is open;
   * the key that signed its token has not been taken away.
   */
  standing: boolean;
}
