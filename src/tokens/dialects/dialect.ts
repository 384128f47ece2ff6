import type { TokenFormat } from '../../../packages/protocol/src/token-format.js';
import type { Settings } from '../../config/settings.js';
import type { TokenProfile } from '../../protocol/grant-type.js';
import type { OAuthError } from '../../protocol/oauth-error.js';

export type DialectName = 'native' | 'auth0' | 'authing';

/** The outcome of a requested scope. */
export interface ScopeOutcome {
  /** null: none was requested, and the policies decide at each use. */
  granted: string[] | null;
  rejected: string[];
}

/** The differences between the dialects, as data and a few functions; the pipeline never branches on the name. */
export interface Dialect {
  readonly name: DialectName;
  issuer(settings: Settings): string;
  /** Unless a resource or the client sets another. */
  readonly profile: TokenProfile;
  readonly tokenFormat: TokenFormat;
  readonly refreshTokens: boolean;
  readonly scopeRequired: boolean;
  /** Whether the server's own audience may be requested without a policy on it. */
  readonly ownAudienceIsOpen: boolean;
  /** Whether every response has `rejected_scope`, empty when nothing was rejected. */
  readonly alwaysReportsRejected: boolean;
  subject(clientId: string): string;
  /** Claims in addition to those of RFC 9068. */
  claims(clientId: string): Readonly<Record<string, string>>;
  /** For a request without an audience: the one to assume as requested, or the `aud` itself; or throws. */
  absentAudience(client: { id: string; audience: readonly string[] }): AbsentAudience;
  /** Whether an audience that no resource registered is copied into `aud`. */
  readonly copiesUnregisteredAudience: boolean;
  unregisteredAudience(audience: string): OAuthError;
  /** No policy of the client covers it, or it is not in the client's own list. */
  uncoveredAudience(audience: string): OAuthError;
  /** Throws where the dialect rejects a request because items of its scope were rejected. */
  settleScope(outcome: ScopeOutcome): void;
}

export type AbsentAudience =
  | { requested: string }
  | { audience: string }
  /** The audience is derived from the granted items. */
  | { derived: true };
