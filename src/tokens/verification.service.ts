import { Injectable } from '@nestjs/common';
import type { CompiledPolicies } from '../policies/compiled-policies.js';
import { meaningOf } from '../policies/decision.js';
import { PolicyDecisions } from '../policies/policy-decisions.js';
import { BearerError, insufficientScope, invalidToken } from '../protocol/bearer-error.js';
import { printable } from '../protocol/error-description.js';
import { ALL, type ScopeItem } from '../protocol/scope-item.js';
import type { Catalog } from '../resources/catalog.js';
import { ResourceCatalog } from '../resources/resource-catalog.js';
import type { PresentedSession } from '../sessions/session.js';
import { decideItems } from './scope-grant.js';
import { contextOfSession, scopeCovers } from './session-scope.js';
import { TokenFinder } from './token-finder.js';

/** What a gateway wants to know of a token: every item and every audience must hold. */
export interface Question {
  items: readonly string[];
  audiences: readonly string[];
}

export interface VerifiedToken {
  session: PresentedSession;
  /** What the policies of this moment still allow of the session's scope; null when it has none. */
  scope: string[] | null;
}

/** Says whether a presented token may do something, by its session, its scope and the policies of this moment. */
@Injectable()
export class VerificationService {
  constructor(
    private readonly tokens: TokenFinder,
    private readonly decisions: PolicyDecisions,
    private readonly catalog: ResourceCatalog,
  ) {}

  /** Throws invalid_token or insufficient_scope. */
  async verify(token: string, { items, audiences }: Question): Promise<VerifiedToken> {
    const session = await this.tokens.find(token);
    if (!session?.live) throw invalidToken();
    const catalog = await this.catalog.current();
    const policies = await this.decisions.ofClient(session.clientId);
    const scope = standingScope(session, catalog, policies);
    if (session.scope?.length && scope?.length === 0) throw invalidToken();
    for (const audience of audiences) if (!session.audience.includes(audience)) throw wrongAudience(audience);
    const context = audiences.length > 0 ? { catalog, audiences } : contextOfSession(session, catalog);
    for (const item of items) {
      const asked = meaningOf(item, context);
      const held = asked.length > 0 && asked.every((one) => opens(session, one, catalog, policies));
      if (!held) throw insufficientScope(item);
    }
    if (scope?.length === 0) throw insufficientScope(items.join(' '));
    return { session, scope };
  }
}

/** What is left of a session's scope as the policies stand now. */
export function standingScope(
  session: PresentedSession,
  catalog: Catalog,
  policies: CompiledPolicies,
): string[] | null {
  if (session.scope === null) return null;
  const target = { audiences: session.audience, asked: session.audienceAsked };
  return decideItems(session.scope, target, catalog, policies).granted;
}

function opens(
  session: PresentedSession,
  item: ScopeItem,
  catalog: Catalog,
  policies: CompiledPolicies,
): boolean {
  const resource = catalog.find(item.resource);
  const known = item.resource === ALL || resource !== undefined;
  const operates = item.operation === ALL || catalog.hasOperation(item.resource, item.operation);
  if (!known || !operates || !policies.grants(item)) return false;
  if (resource?.audience != null && !session.audience.includes(resource.audience)) return false;
  if (session.scope === null && !session.audience.includes(catalog.ownAudience)) return false;
  return scopeCovers(session, item, catalog);
}

const wrongAudience = (audience: string) =>
  new BearerError('insufficient_scope', 403, `the token is not meant for ${printable(audience)}`);
