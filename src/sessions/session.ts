import type { TokenFormat } from '../../packages/protocol/src/token-format.js';

/** What the sessions of equal requests share. */
export interface SessionTerms {
  clientId: string;
  /** The grant type. */
  type: string;
  dialect: string;
  issuer: string;
  subject: string;
  /** null: none was requested, and the policies decide at each use; an empty list grants no access. */
  scope: string[] | null;
  audience: string[];
  /** Whether the request named an audience, so that an item may be the bare name of an operation. */
  audienceAsked: boolean;
  tokenFormat: TokenFormat;
}

/** The columns of a session's terms that are serialized; equal requests share them. */
export interface TermsText {
  scope: string | null;
  audience: string;
}

/** The record of one access token that is about to be issued, and of its refresh token. */
export interface NewSession extends SessionTerms {
  /** UUIDv7, so that rows are appended in the order of the primary key. */
  id: string;
  /** The key that signed the token; null for an opaque one. */
  kid: string | null;
  /** SHA-256 of the access token. */
  tokenDigest: string;
  /** Epoch milliseconds. */
  startedAt: number;
  endsAt: number;
  /** The first session of the family; null without refresh tokens. */
  familyId: string | null;
  /** When the whole family ends; stored with its first session. */
  familyEndsAt: number | null;
  /** The session whose refresh token this one was exchanged for; null for the first of a family. */
  refreshedFrom: string | null;
  refreshDigest: string | null;
  refreshEndsAt: number | null;
  /** The session generation of the client when it authenticated; in a family, that of its first session. */
  generation: number;
  /** The identity in the assertion of a trusted issuer by which the client authenticated, as JSON; null: another way. */
  federated: string | null;
}

/** What is unique to one session. */
type OwnTerms = Omit<NewSession, keyof SessionTerms>;

/** Member by member, because spreading a dozen members costs more than the rest of issuing the terms of a token. */
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
  federated: own.federated,
});

/** The part of a session that is needed to check its access token. */
export interface PresentedSession extends Omit<SessionTerms, 'type' | 'dialect' | 'tokenFormat'> {
  id: string;
  tokenDigest: string;
  startedAt: number;
  endsAt: number;
  federated: string | null;
  /** Its owners are valid, it is not closed, and it has not ended. */
  live: boolean;
  /** Scope and audience as stored, so that sessions of equal terms are recognised without comparing lists. */
  text: TermsText;
}

/** A recorded session, and whether its token works now. */
export interface Session extends NewSession, PresentedSession {
  closedAt: number | null;
  /** When the family was closed; the same for all of its sessions. */
  familyClosedAt: number | null;
  refreshUsedAt: number | null;
  /** Whether another session that was issued for the same refresh token was refreshed, and this one was not. */
  siblingUsed: boolean;
  /**
   * Its client exists, is active, has not expired, and has not had all its sessions closed since this one began; its family is open;
   * the key that signed its token has not been removed.
   */
  ownersValid: boolean;
}
