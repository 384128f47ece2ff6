import type { Settings } from '../../config/settings.js';
import type { TokenFormat, TokenProfile } from '../../protocol/grant-type.js';
import type { OAuthError } from '../../protocol/oauth-error.js';

export type DialectName = 'native' | 'auth0' | 'authing';

/** The scope that a request comes to: what is granted, what is not. */
export interface ScopeOutcome {
  /** null: none was asked, and the policies of the moment decide. */
  granted: string[] | null;
  rejected: string[];
}

/** The differences between the dialects, as data and a few functions; the pipeline never branches on the name. */
export interface Dialect {
  readonly name: DialectName;
  issuer(settings: Settings): string;
  /** When neither a resource nor the client says otherwise. */
  readonly profile: TokenProfile;
  readonly tokenFormat: TokenFormat;
  readonly refreshTokens: boolean;
  readonly scopeRequired: boolean;
  /** Whether the server's own audience may be asked for without a policy on it. */
  readonly ownAudienceIsOpen: boolean;
  /** Whether `rejected_scope` is in every answer, empty when nothing was refused. */
  readonly tellsRejectedAlways: boolean;
  subject(clientId: string): string;
  /** Claims beside those of RFC 9068. */
  claims(clientId: string): Readonly<Record<string, string>>;
  /** When the request names no audience: those that count as asked, or the `aud` itself, or a refusal. */
  absentAudience(client: { id: string; audience: readonly string[] }): AbsentAudience;
  /** Whether an audience that no resource registered is copied into `aud`. */
  readonly copiesUnregisteredAudience: boolean;
  unregisteredAudience(audience: string): OAuthError;
  /** No policy of the client on it, or outside the client's own list. */
  uncoveredAudience(audience: string): OAuthError;
  /** Throws where the dialect rejects a request because items of its scope were rejected. */
  settleScope(outcome: ScopeOutcome): void;
}

export type AbsentAudience =
  | { asked: string }
  | { audience: string }
  /** The audience follows from what is granted. */
  | { derived: true };
