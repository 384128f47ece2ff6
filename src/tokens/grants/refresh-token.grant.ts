import { Injectable } from '@nestjs/common';
import type { Client } from '../../clients/client.js';
import { nowMilliseconds } from '../../crypto/clock.js';
import type { CompiledPolicies } from '../../policies/compiled-policies.js';
import { meaningOf } from '../../policies/decision.js';
import { PolicyDecisions } from '../../policies/policy-decisions.js';
import {
  invalidGrant,
  invalidRequest,
  invalidScope,
  invalidTarget,
  unauthorizedClient,
  unsupportedGrantType,
} from '../../protocol/oauth-error.js';
import { parseScope } from '../../protocol/scope.js';
import { itemCovers } from '../../protocol/scope-item.js';
import type { TokenRequest } from '../../protocol/token-request.js';
import type { Catalog } from '../../resources/catalog.js';
import { ResourceCatalog } from '../../resources/resource-catalog.js';
import type { Session } from '../../sessions/session.js';
import type { Closing } from '../../sessions/session-notes.js';
import { SessionsService } from '../../sessions/sessions.service.js';
import { askedAudiences, contextOf, type Target } from '../audience.service.js';
import type { Dialect, ScopeOutcome } from '../dialects/dialect.js';
import { decideItems } from '../scope-grant.js';
import { TokenFinder } from '../token-finder.js';
import { resourcesOf } from './client-credentials.grant.js';
import type { Authorization, Grant } from './grant.js';

/** RFC 6749 6 with rotation: a refresh token is used once, and one that comes back closes its whole family. */
@Injectable()
export class RefreshTokenGrant implements Grant {
  readonly type = 'refresh_token';

  constructor(
    private readonly tokens: TokenFinder,
    private readonly sessions: SessionsService,
    private readonly decisions: PolicyDecisions,
    private readonly catalog: ResourceCatalog,
  ) {}

  permit(client: Client, dialect: Dialect): void {
    if (!dialect.refreshTokens) throw unsupportedGrantType();
    if (!client.clientCredentials.refreshToken) {
      throw unauthorizedClient('the client is not registered for refresh tokens');
    }
  }

  async authorize(client: Client, request: TokenRequest, dialect: Dialect): Promise<Authorization> {
    if (request.refreshToken === undefined) throw invalidRequest('refresh_token is required');
    const used = await this.findUsable(request.refreshToken, client, dialect);
    const retried = await this.refuseReuse(used, client);
    const first = (used.familyId === used.id ? used : await this.sessions.find(used.familyId ?? '')) ?? used;
    const audience = narrowedAudience(request, first);
    const catalog = await this.catalog.current();
    const policies = await this.decisions.ofClient(client.id);
    const target = { audiences: first.audience, asked: first.audienceAsked };
    const { granted, rejected } = decideAgain(request.scope, first, target, catalog, policies);
    return {
      audience,
      audienceAsked: first.audienceAsked,
      scope: granted,
      rejected,
      resources: resourcesOf(target, granted, catalog),
      issuer: first.issuer,
      continues: { used, first, retried, mayRetry: graceSecondsOf(client) > 0 },
    };
  }

  private async findUsable(token: string, client: Client, dialect: Dialect): Promise<Session> {
    const session = await this.tokens.findRefresh(token);
    const usable =
      session?.clientId === client.id &&
      session.door === dialect.door &&
      session.standing &&
      (session.refreshEndsAt ?? 0) > nowMilliseconds();
    if (!usable) throw unknownRefreshToken();
    return session;
  }

  /** Answers whether this is a retry that the client's grace period permits. */
  private async refuseReuse(used: Session, client: Client): Promise<boolean> {
    if (used.refreshUsedAt === null) return false;
    if (nowMilliseconds() - used.refreshUsedAt < graceSecondsOf(client) * 1000) return true;
    await this.sessions.closeFamily(used, reusedBy(client.id));
    throw unknownRefreshToken();
  }
}

const graceSecondsOf = (client: Client): number =>
  client.clientCredentials.refreshTokenReuseGraceSeconds ?? 0;

/** One of two that hold the same refresh token is not the client (RFC 9700 4.14.2). */
export const reusedBy = (clientId: string): Closing => ({
  reason: 'refresh_token_reuse',
  agent: { clientId },
});

export const unknownRefreshToken = () =>
  invalidGrant('the refresh token is unknown, expired, used, closed or not for this client');

/** RFC 8707 2.2: a refresh may ask for fewer of the audiences, never for another. */
function narrowedAudience(request: TokenRequest, first: Session): string[] {
  const asked = askedAudiences(request);
  if (asked.some((audience) => !first.audience.includes(audience))) {
    throw invalidTarget('the refresh token was not issued for this audience');
  }
  return asked.length > 0 ? asked : first.audience;
}

/** The original grant is that of the family's first session: narrowing once does not narrow later. */
function decideAgain(
  requested: string | undefined,
  first: Session,
  target: Target,
  catalog: Catalog,
  policies: CompiledPolicies,
): ScopeOutcome {
  const asked = parseScope(requested ?? '');
  const original = first.scope;
  if (original !== null && !asked.every((item) => isInside(item, original, target, catalog))) {
    throw invalidScope('scope holds an item outside the original grant');
  }
  const items = asked.length > 0 ? asked : original;
  if (items === null) return { granted: null, rejected: [] };
  const { granted, rejected } = decideItems(items, target, catalog, policies);
  if (granted.length === 0) throw invalidGrant('nothing of the original grant is left');
  return { granted, rejected };
}

function isInside(item: string, original: readonly string[], target: Target, catalog: Catalog): boolean {
  if (original.includes(item)) return true;
  const context = contextOf(target, catalog);
  const narrower = meaningOf(item, context);
  const wider = original.flatMap((granted) => meaningOf(granted, context));
  return narrower.length > 0 && narrower.every((one) => wider.some((other) => itemCovers(other, one)));
}
