import { Injectable } from '@nestjs/common';
import type { Client } from '../../clients/client.js';
import { ClientRegistry } from '../../clients/client-registry.js';
import { ANYTHING } from '../../clients/scope-use/scope-use.js';
import { ScopeUseCounts, type TokenUses } from '../../clients/scope-use/scope-use-counts.js';
import { ConfigurationRevision } from '../../database/revisions/configuration-revision.js';
import { RevisionedMemo } from '../../database/revisions/revisioned-memo.js';
import { CompiledPolicyCache } from '../../policies/compiled-policy-cache.js';
import { type DecisionContext, meaningOf } from '../../policies/decision.js';
import type { Catalog } from '../../resources/catalog.js';
import { ResourceCatalog } from '../../resources/resource-catalog.js';
import { nowMilliseconds, sharedMilliseconds } from '../../runtime/clock.js';
import type { PresentedSession, Session } from '../../sessions/session.js';
import { textOf } from '../../sessions/session-row.js';
import { SessionsService } from '../../sessions/sessions.service.js';
import { AudienceService } from '../audience.service.js';
import type { ListedSession } from '../listed-audiences.js';
import { itemsFor } from '../original-grant.js';
import { isRefreshable, mayRefresh, mayRetry } from '../refresh-terms.js';
import { contextOfSession } from '../session-scope.js';
import { currentClaims } from '../token-claims.js';
import { ownClaims, TokenFinder } from '../token-finder.js';
import { currentScope, isValidWithoutScope } from '../verification.service.js';
import {
  INACTIVE,
  type IntrospectedType,
  type IntrospectionPlan,
  introspectionAnswer,
  introspectionKey,
  planIntrospection,
} from './introspection-answer.js';

const MAX_PLANS = 10_000;
/** Of one token; more are counted as anything. */
const MAX_NOTED_ITEMS = 1000;

const INACTIVE_PLAN: IntrospectionPlan = { response: undefined };

/** Which items of a session a caller may see: none, all, or those on its resources. */
type Visibility = 'none' | 'full' | { resources: ReadonlySet<string> };

/**
 * Introspects a token for an authenticated caller (RFC 7662); to a caller that may not see it, a token is inactive. What
 * depends on the configuration only is cached for sessions of equal terms; the session itself is always read.
 */
@Injectable()
export class IntrospectionService {
  private readonly plans: RevisionedMemo<IntrospectionPlan>;

  constructor(
    private readonly tokens: TokenFinder,
    private readonly sessions: SessionsService,
    private readonly clients: ClientRegistry,
    private readonly audiences: AudienceService,
    private readonly decisions: CompiledPolicyCache,
    private readonly catalog: ResourceCatalog,
    private readonly uses: ScopeUseCounts,
    revision: ConfigurationRevision,
  ) {
    this.plans = new RevisionedMemo(revision, ['resources', 'policies'], MAX_PLANS, 'introspection_plans');
  }

  /** The response as JSON; `hidden` is called for a live token that the caller may not see. */
  async introspect(
    callerId: string,
    token: string,
    hidden: (session: PresentedSession) => void,
  ): Promise<string> {
    const access = await this.tokens.find(token);
    if (access)
      return access.live ? this.respond(callerId, access, access.endsAt, 'Bearer', hidden) : INACTIVE;
    const refresh = await this.tokens.findRefresh(token);
    const granting = refresh && (await this.granting(refresh));
    return granting
      ? this.respond(callerId, granting, granting.refreshEndsAt ?? 0, undefined, hidden)
      : INACTIVE;
  }

  /** Whether the access token of a recorded session is active to its own client. */
  async isActive(session: PresentedSession): Promise<boolean> {
    if (!session.live) return false;
    const current = await this.tokens.current(session);
    if (!current.live) return false;
    const plan = this.planFor(current.clientId, current, 'Bearer');
    return (plan instanceof Promise ? await plan : plan) !== INACTIVE_PLAN;
  }

  /** What a refresh would grant now, even if the previous one was narrowed (OAuth 2.1 4.3.3). */
  private async granting(refresh: Session): Promise<(Session & ListedSession) | undefined> {
    const client = (await this.clients.find(refresh.clientId))?.client;
    if (!client || !refreshes(refresh, client)) return undefined;
    const first = await this.sessions.firstOf(refresh);
    const catalog = await this.catalog.current();
    const policies = await this.decisions.ofClient(client.id);
    const audience = await this.audiences.remaining(first, client, catalog, policies);
    const scope = first.scope && itemsFor(audience, first.scope, first, catalog);
    const isGone = audience.length === 0 || (scope?.length === 0 && first.scope?.length !== 0);
    if (isGone) return undefined;
    const terms = { ...refresh, scope: scope && [...scope], audience, audienceAsked: first.audienceAsked };
    const own = ownClaims(client);
    return { ...terms, text: textOf(terms), ...(own === undefined ? {} : { own }) };
  }

  private async respond(
    callerId: string,
    session: ListedSession,
    endsAt: number,
    tokenType: IntrospectedType,
    hidden: (session: PresentedSession) => void,
  ): Promise<string> {
    const known = this.planFor(callerId, session, tokenType);
    const plan = known instanceof Promise ? await known : known;
    if (plan === INACTIVE_PLAN) hidden(session);
    if (plan.uses) this.uses.introspected(plan.uses);
    return introspectionAnswer(plan, session, endsAt);
  }

  /** Without a promise where a session of equal terms was introspected lately. */
  private planFor(
    callerId: string,
    session: ListedSession,
    tokenType: IntrospectedType,
  ): IntrospectionPlan | Promise<IntrospectionPlan> {
    const key = introspectionKey(callerId, session, tokenType);
    const basis = this.plans.basis();
    const known = key === undefined ? undefined : this.plans.get(key, basis);
    if (known) return known;
    return this.plan(callerId, session, tokenType).then((plan) => {
      if (key !== undefined) this.plans.set(key, basis, plan);
      return plan;
    });
  }

  private async plan(
    callerId: string,
    session: ListedSession,
    tokenType: IntrospectedType,
  ): Promise<IntrospectionPlan> {
    const catalog = await this.catalog.current();
    const visibility = await this.visibilityOf(callerId, session, catalog);
    if (visibility === 'none') return INACTIVE_PLAN;
    const policies = await this.decisions.ofClient(session.clientId);
    const current = currentScope(session, catalog, policies);
    const scope =
      current && visibility !== 'full' ? within(visibility.resources, current, session, catalog) : current;
    if (session.scope?.length && scope?.length === 0) return INACTIVE_PLAN;
    const isBare = bareResources(session, catalog).length > 0;
    if (isBare && !isValidWithoutScope(session, catalog, policies)) return INACTIVE_PLAN;
    const added = currentClaims(session.own?.claims, session.audience, catalog);
    const plan = planIntrospection(session, scope, tokenType, added);
    return tokenType === 'Bearer' ? { ...plan, uses: this.usesOf(session, scope, catalog) } : plan;
  }

  private usesOf(session: PresentedSession, scope: readonly string[] | null, catalog: Catalog): TokenUses {
    const { clientId } = session;
    if (!scope || scope.length > MAX_NOTED_ITEMS) return this.uses.ofToken(clientId, [ANYTHING], true);
    const context = contextOfSession(session, catalog);
    return this.uses.ofToken(
      clientId,
      scope.flatMap((item) => meaningOf(item, context)),
    );
  }

  private async visibilityOf(
    callerId: string,
    session: PresentedSession,
    catalog: Catalog,
  ): Promise<Visibility> {
    if (session.clientId === callerId) return 'full';
    const policies = await this.decisions.ofClient(callerId);
    if (policies.grants({ resource: 'Session', identifier: session.clientId, operation: 'introspect' })) {
      return 'full';
    }
    const named = namedResources(session, catalog).filter((id) =>
      catalog.find(id)?.introspectionClients.includes(callerId),
    );
    return named.length > 0 ? { resources: new Set(named) } : 'none';
  }
}

function refreshes(session: Session, client: Client): boolean {
  const now = nowMilliseconds();
  if (!mayRefresh(client) || !isRefreshable(session, now)) return false;
  if (session.siblingUsed) return false;
  return session.refreshUsedAt === null || mayRetry(session.refreshUsedAt, client, sharedMilliseconds());
}

/** The resources that the items of a token name; without a scope, the resources of its audiences. */
function namedResources(session: PresentedSession, catalog: Catalog): string[] {
  if (session.scope === null) {
    return session.audience.flatMap((audience) => catalog.withAudience(audience)).map(({ id }) => id);
  }
  if (session.scope.length === 0) return bareResources(session, catalog);
  const context = contextOfSession(session, catalog);
  return session.scope.flatMap((item) => namedBy(item, context));
}

/** The resources of the audiences of a token with an empty scope, if none of them has an operation. */
function bareResources({ scope, audience, audienceAsked }: PresentedSession, catalog: Catalog): string[] {
  if (scope?.length !== 0 || !audienceAsked) return [];
  if (!audience.every((one) => catalog.lacksOperations(one))) return [];
  return audience.flatMap((one) => catalog.withAudience(one)).map(({ id }) => id);
}

function within(
  resources: ReadonlySet<string>,
  scope: readonly string[],
  session: PresentedSession,
  catalog: Catalog,
): string[] {
  const context = contextOfSession(session, catalog);
  return scope.filter((item) => namedBy(item, context).some((resource) => resources.has(resource)));
}

const namedBy = (item: string, context: DecisionContext): string[] =>
  meaningOf(item, context).map(({ resource }) => resource);
