import { Injectable } from '@nestjs/common';
import type { Client } from '../../clients/client.js';
import { CompiledPolicyCache } from '../../policies/compiled-policy-cache.js';
import type { TokenRequest } from '../../protocol/messages/token-request.js';
import {
  invalidGrant,
  invalidRequest,
  invalidTarget,
  unauthorizedClient,
  unsupportedGrantType,
} from '../../protocol/oauth-error.js';
import { ResourceCatalog } from '../../resources/resource-catalog.js';
import { nowMilliseconds, sharedMilliseconds } from '../../runtime/clock.js';
import type { Session } from '../../sessions/session.js';
import type { Closing } from '../../sessions/session-notes.js';
import { SessionsService } from '../../sessions/sessions.service.js';
import { AudienceService, requestedAudiences } from '../audience.service.js';
import type { Dialect } from '../dialects/dialect.js';
import type { OriginalGrant } from '../original-grant.js';
import { graceSecondsOf, isRefreshable, mayRetry } from '../refresh-terms.js';
import { claimsToIssue } from '../token-claims.js';
import { TokenFinder } from '../token-finder.js';
import { requireClientCredentials, resourcesOf } from './client-credentials.grant.js';
import type { Authorization, Grant, GrantBasis } from './grant.js';
import { nothingLeft, refreshedAudience, refreshedScope } from './refreshed-scope.js';

/** RFC 6749 6 with rotation: a refresh token is used once, and reuse closes its whole family. */
@Injectable()
export class RefreshTokenGrant implements Grant {
  readonly type = 'refresh_token';

  constructor(
    private readonly tokens: TokenFinder,
    private readonly sessions: SessionsService,
    private readonly audiences: AudienceService,
    private readonly decisions: CompiledPolicyCache,
    private readonly catalog: ResourceCatalog,
  ) {}

  permit(client: Client, dialect: Dialect): void {
    if (!dialect.refreshTokens) throw unsupportedGrantType();
    requireClientCredentials(client);
    if (!client.clientCredentials.refreshToken) {
      throw unauthorizedClient('the client is not registered for refresh tokens');
    }
  }

  async authorize(client: Client, request: TokenRequest, dialect: Dialect): Promise<Authorization> {
    if (request.refreshToken === undefined) throw invalidRequest('refresh_token is required');
    const used = await this.findUsable(request.refreshToken, client, dialect);
    const retried = await this.rejectReuse(used, client);
    const first = await this.sessions.firstOf(used);
    const catalog = await this.catalog.current();
    const policies = await this.decisions.ofClient(client.id);
    const decided = await this.decide(client, request, dialect, first, { catalog, policies });
    const { audience, scope, rejected } = decided;
    return {
      audience,
      audienceAsked: first.audienceAsked,
      scope,
      rejected,
      catalog,
      resources: resourcesOf({ audiences: audience, asked: first.audienceAsked }, scope, catalog),
      issuer: first.issuer,
      added: claimsToIssue(client.claims, audience, catalog),
      continues: { used, first, retried, mayRetry: graceSecondsOf(client) > 0 },
    };
  }

  /** The part of the original grant that a refresh renews. */
  async decide(
    client: Client,
    request: TokenRequest,
    dialect: Dialect,
    first: OriginalGrant,
    { catalog, policies }: GrantBasis,
  ): Promise<Pick<Authorization, 'audience' | 'scope' | 'rejected'>> {
    const remaining = await this.audiences.remaining(first, client, catalog, policies);
    if (remaining.length === 0) throw nothingLeft();
    const requested = requestedAudiences(request, catalog);
    const narrowed = narrowedAudience(requested, first, remaining, dialect);
    const { granted, rejected } = refreshedScope(
      request.scope,
      first,
      { remaining, audience: narrowed },
      catalog,
      policies,
    );
    const audience = refreshedAudience(narrowed, requested.length > 0, granted, first, catalog);
    return { audience, scope: granted, rejected };
  }

  private async findUsable(token: string, client: Client, dialect: Dialect): Promise<Session> {
    const session = await this.tokens.findRefresh(token);
    const isOwn = session?.clientId === client.id && session.dialect === dialect.name;
    if (!isOwn || !isRefreshable(session, nowMilliseconds())) throw unknownRefreshToken();
    return session;
  }

  /** Whether this is a retry within the client's grace period. */
  private async rejectReuse(used: Session, client: Client): Promise<boolean> {
    if (used.refreshUsedAt === null && !used.siblingUsed) return false;
    if (used.refreshUsedAt !== null && mayRetry(used.refreshUsedAt, client, sharedMilliseconds()))
      return true;
    await this.sessions.closeFamily(used, reusedBy(client.id));
    throw unknownRefreshToken();
  }
}

/** Two parties hold the same refresh token, and one of them is not the client (RFC 9700 4.14.2). */
export const reusedBy = (clientId: string): Closing => ({
  reason: 'refresh_token_reuse',
  agent: { clientId },
});

export const unknownRefreshToken = () =>
  invalidGrant('the refresh token is unknown, expired, used or closed, or was not issued to this client');

/** RFC 8707 2.2: a refresh may request fewer of the audiences, never another. */
function narrowedAudience(
  requested: string[],
  first: OriginalGrant,
  remaining: string[],
  dialect: Dialect,
): string[] {
  if (requested.some((audience) => !first.audience.includes(audience))) {
    throw invalidTarget('the refresh token was not issued for this audience');
  }
  const lost = requested.find((audience) => !remaining.includes(audience));
  if (lost !== undefined) throw dialect.uncoveredAudience(lost);
  return requested.length > 0 ? requested : remaining;
}
