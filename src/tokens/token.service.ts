import { Injectable } from '@nestjs/common';
import type { Client } from '../clients/client.js';
import { nowMilliseconds, toSeconds } from '../crypto/clock.js';
import { tokenDigest } from '../crypto/digest.js';
import { makeHandle } from '../crypto/handle.js';
import { timeOrderedId } from '../crypto/time-ordered-id.js';
import { ConfigurationRevision } from '../database/configuration-revision.js';
import { RevisionedMemo } from '../database/revisioned-memo.js';
import { KeyRing } from '../keys/key-ring.service.js';
import type { SigningKey } from '../keys/signing-key.js';
import { OAuthError, unsupportedGrantType } from '../protocol/oauth-error.js';
import type { TokenRequest } from '../protocol/token-request.js';
import { type NewSession, newSession, type TermsText } from '../sessions/session.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { ownClaims } from './access-token.js';
import type { Dialect } from './dialects/dialect.js';
import { ClientCredentialsGrant } from './grants/client-credentials.grant.js';
import type { Continued, Grant } from './grants/grant.js';
import { RefreshTokenGrant, reusedBy, unknownRefreshToken } from './grants/refresh-token.grant.js';
import { refreshTerms } from './refresh-terms.js';
import { answerOf, planKey, planToken, type TokenPlan } from './token-plan.js';
import { TokenQuotas } from './token-quotas.service.js';

const MOST_PLANS = 10_000;

type OwnTimes = Pick<NewSession, 'id' | 'startedAt' | 'endsAt'>;

interface MadeToken {
  key: SigningKey | undefined;
  accessToken: string;
  refreshToken: string | undefined;
}

/** What a token endpoint answers: the body as JSON, and further headers, such as what is left of a quota. */
export interface IssuedToken {
  body: string;
  headers?: Readonly<Record<string, string>>;
}

/**
 * Issues tokens: the one use case that all doors share. Nothing leaves before its session is durable. What follows
 * from the configuration alone is made once for equal requests.
 */
@Injectable()
export class TokenService {
  private readonly grants: ReadonlyMap<string, Grant>;
  private readonly plans: RevisionedMemo<TokenPlan | OAuthError>;

  constructor(
    clientCredentials: ClientCredentialsGrant,
    refreshToken: RefreshTokenGrant,
    private readonly keys: KeyRing,
    private readonly sessions: SessionsService,
    private readonly quotas: TokenQuotas,
    revision: ConfigurationRevision,
  ) {
    this.grants = new Map([clientCredentials, refreshToken].map((grant: Grant) => [grant.type, grant]));
    this.plans = new RevisionedMemo(revision, ['clients', 'resources', 'policies'], MOST_PLANS);
  }

  async issue(client: Client, request: TokenRequest, dialect: Dialect): Promise<IssuedToken> {
    // As at Auth0, a quota is of client_credentials alone.
    if (client.tokenQuota === null || request.grantType !== 'client_credentials') {
      return { body: await this.answer(client, request, dialect) };
    }
    try {
      const body = await this.answer(client, request, dialect);
      return { body, headers: await this.quotas.headersOf(client) };
    } catch (error) {
      throw error instanceof OAuthError ? error.with(await this.quotas.headersOf(client)) : error;
    }
  }

  private async answer(client: Client, request: TokenRequest, dialect: Dialect): Promise<string> {
    const plan = await this.plan(client, request, dialect);
    const own = beginning(plan);
    const key = plan.jwt && (await this.keys.current(plan.settings.alg));
    const accessToken =
      plan.jwt && key
        ? await key.signPayload(plan.jwt.type, plan.jwt.claims.with(ownClaims(own)))
        : makeHandle('accessToken', own.id);
    const refreshes = dialect.refreshTokens && client.clientCredentials.refreshToken === true;
    const refreshToken = refreshes ? makeHandle('refreshToken', own.id) : undefined;
    await this.record(client, sessionFor(client, plan, own, { key, accessToken, refreshToken }), plan);
    return answerOf(plan, accessToken, refreshToken);
  }

  private plan(client: Client, request: TokenRequest, dialect: Dialect): TokenPlan | Promise<TokenPlan> {
    const grant = this.permittedGrant(client, request, dialect);
    // A refresh token is used once: no two of its requests are equal.
    const key = grant.type === 'client_credentials' ? planKey(client, request, dialect) : undefined;
    const basis = this.plans.basis();
    const known = key && this.plans.get(key, basis);
    if (known instanceof OAuthError) throw known;
    return known || this.makePlan(client, grant, request, dialect, key, basis);
  }

  private async makePlan(
    client: Client,
    grant: Grant,
    request: TokenRequest,
    dialect: Dialect,
    key: string | undefined,
    basis: number,
  ): Promise<TokenPlan> {
    const authorization = await grant.authorize(client, request, dialect);
    try {
      const plan = planToken(client, grant.type, authorization, dialect);
      if (key !== undefined) this.plans.set(key, basis, plan);
      return plan;
    } catch (error) {
      // A whole grant that no token can hold is not put together for each request.
      if (key !== undefined && error instanceof OAuthError) this.plans.set(key, basis, error);
      throw error;
    }
  }

  private permittedGrant(client: Client, request: TokenRequest, dialect: Dialect): Grant {
    const grant = this.grants.get(request.grantType);
    if (!grant) throw unsupportedGrantType();
    grant.permit(client, dialect);
    return grant;
  }

  private record(client: Client, session: NewSession, plan: TokenPlan): Promise<void> {
    const { continues } = plan.authorization;
    if (continues) return this.continueFamily(session, continues, plan.text);
    return client.tokenQuota === null
      ? this.sessions.open(session, plan.text)
      : this.quotas.open(client.tokenQuota, session, plan.text);
  }

  private async continueFamily(session: NewSession, continues: Continued, text: TermsText): Promise<void> {
    const { used, retried, mayRetry } = continues;
    if (!retried && (await this.sessions.exchange(used, session, text))) return;
    // The same token was used meanwhile: a retry of the client, or one of the two is not the client.
    if ((retried || mayRetry) && (await this.sessions.openBeside(used, session, text))) return;
    await this.sessions.closeFamily(continues.first, reusedBy(session.clientId));
    throw unknownRefreshToken();
  }
}

/** What each token has of its own before it is made. */
function beginning({ settings }: TokenPlan): OwnTimes {
  const startedAt = nowMilliseconds();
  return { id: timeOrderedId(), startedAt, endsAt: (toSeconds(startedAt) + settings.lifetimeSeconds) * 1000 };
}

function sessionFor(client: Client, plan: TokenPlan, own: OwnTimes, made: MadeToken): NewSession {
  const { continues } = plan.authorization;
  const refresh = refreshTerms(own, client, made.refreshToken, continues?.first);
  return newSession(plan.terms, {
    id: own.id,
    startedAt: own.startedAt,
    endsAt: own.endsAt,
    kid: made.key?.kid ?? null,
    tokenDigest: tokenDigest(made.accessToken),
    refreshedFrom: continues?.used.id ?? null,
    familyId: refresh.familyId,
    familyEndsAt: refresh.familyEndsAt,
    refreshDigest: refresh.refreshDigest,
    refreshEndsAt: refresh.refreshEndsAt,
    generation: continues?.first.generation ?? client.sessionGeneration,
  });
}
