import { Injectable } from '@nestjs/common';
import { uuidv7 } from 'uuidv7';
import type { Client } from '../clients/client.js';
import { nowMilliseconds, toSeconds } from '../crypto/clock.js';
import { tokenDigest } from '../crypto/digest.js';
import { makeHandle } from '../crypto/handle.js';
import { ConfigurationRevision } from '../database/configuration-revision.js';
import { RevisionedMemo } from '../database/revisioned-memo.js';
import { KeyRing } from '../keys/key-ring.service.js';
import { OAuthError, unsupportedGrantType } from '../protocol/oauth-error.js';
import type { TokenRequest } from '../protocol/token-request.js';
import { type NewSession, newSession } from '../sessions/session.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { ownClaims } from './access-token.js';
import type { Dialect } from './dialects/dialect.js';
import { ClientCredentialsGrant } from './grants/client-credentials.grant.js';
import type { Grant } from './grants/grant.js';
import { RefreshTokenGrant, reusedBy, unknownRefreshToken } from './grants/refresh-token.grant.js';
import { refreshTerms } from './refresh-terms.js';
import { answerOf, planKey, planToken, type TokenPlan } from './token-plan.js';
import { TokenQuotas } from './token-quotas.service.js';

const MOST_PLANS = 10_000;

interface MintedToken {
  session: NewSession;
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
  private readonly plans: RevisionedMemo<TokenPlan>;

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
    const { session, accessToken, refreshToken } = await this.mint(client, plan, dialect);
    await this.record(client, session, plan);
    return answerOf(plan, accessToken, refreshToken);
  }

  private plan(client: Client, request: TokenRequest, dialect: Dialect): TokenPlan | Promise<TokenPlan> {
    const grant = this.permittedGrant(client, request, dialect);
    // A refresh token is used once: no two of its requests are equal.
    const key = grant.type === 'client_credentials' ? planKey(client, request, dialect) : undefined;
    const basis = this.plans.basis();
    const known = key && this.plans.get(key, basis);
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
    const plan = planToken(client, grant.type, authorization, dialect);
    if (key !== undefined) this.plans.set(key, basis, plan);
    return plan;
  }

  private permittedGrant(client: Client, request: TokenRequest, dialect: Dialect): Grant {
    const grant = this.grants.get(request.grantType);
    if (!grant) throw unsupportedGrantType();
    grant.permit(client, dialect);
    return grant;
  }

  private async mint(client: Client, plan: TokenPlan, dialect: Dialect): Promise<MintedToken> {
    const { settings, terms, jwt } = plan;
    const { continues } = plan.authorization;
    const id = uuidv7();
    const startedAt = nowMilliseconds();
    const endsAt = (toSeconds(startedAt) + settings.lifetimeSeconds) * 1000;
    const own = { id, startedAt, endsAt };
    const refreshes = dialect.refreshTokens && client.clientCredentials.refreshToken === true;
    const refreshToken = refreshes ? makeHandle('refreshToken', id) : undefined;
    const key = jwt && (await this.keys.current(settings.alg));
    const accessToken =
      jwt && key
        ? await key.signPayload(jwt.type, jwt.claims.with(ownClaims(own)))
        : makeHandle('accessToken', id);
    const refresh = refreshTerms(own, client, refreshToken, continues?.first);
    const session = newSession(terms, {
      id,
      startedAt,
      endsAt,
      kid: key?.kid ?? null,
      tokenDigest: tokenDigest(accessToken),
      refreshedFrom: continues?.used.id ?? null,
      familyId: refresh.familyId,
      familyEndsAt: refresh.familyEndsAt,
      refreshDigest: refresh.refreshDigest,
      refreshEndsAt: refresh.refreshEndsAt,
    });
    return { session, accessToken, refreshToken };
  }

  private async record(client: Client, session: NewSession, plan: TokenPlan): Promise<void> {
    const { continues } = plan.authorization;
    if (!continues) {
      if (client.tokenQuota === null) await this.sessions.open(session, plan.text);
      else await this.quotas.open(client.tokenQuota, session, plan.text);
    } else if (continues.retried) {
      await this.sessions.openBeside(session);
    } else if (!(await this.sessions.exchange(continues.used, session))) {
      // Somebody else used the same token meanwhile: a retry of the client, or one of the two is not the client.
      if (continues.mayRetry) return this.sessions.openBeside(session);
      await this.sessions.closeFamily(continues.first, reusedBy(session.clientId));
      throw unknownRefreshToken();
    }
  }
}
