import { Injectable } from '@nestjs/common';
import { printable } from '../../packages/protocol/src/error-description.js';
import { ALL, parseScopeItem, type ScopeItem } from '../../packages/protocol/src/scope-item.js';
import { ANYTHING } from '../clients/scope-use/scope-use.js';
import { ScopeUseCounts } from '../clients/scope-use/scope-use-counts.js';
import type { CompiledPolicies } from '../policies/compiled-policies.js';
import { CompiledPolicyCache } from '../policies/compiled-policy-cache.js';
import { formerMeaningOf, meaningOf } from '../policies/decision.js';
import { coversBareAudiences } from '../policies/whole-grant.js';
import {
  BearerError,
  challengeScope,
  forbidden,
  insufficientScopes,
  invalidToken,
} from '../protocol/bearer-error.js';
import type { Claims } from '../protocol/claims.js';
import type { Catalog } from '../resources/catalog.js';
import { ResourceCatalog } from '../resources/resource-catalog.js';
import type { PresentedSession } from '../sessions/session.js';
import type { ListedSession } from './listed-audiences.js';
import { decideItems } from './scope-grant.js';
import { contextOfSession, scopeCover, scopeCovers } from './session-scope.js';
import { currentClaims } from './token-claims.js';
import { TokenFinder } from './token-finder.js';

/** What a gateway checks: the token must have every item and every audience. */
export interface VerificationQuery {
  items: readonly string[];
  audiences: readonly string[];
  /** The names of the static claims that the gateway passes on. */
  claims: readonly string[];
}

export interface VerifiedToken {
  session: PresentedSession;
  /** The part of the session's scope that the current policies allow; null when it has none. */
  scope: string[] | null;
  /** Those of the claims asked for that the token has now. */
  claims: Claims;
}

/** Decides whether a presented token grants access, by its session, its scope and the current policies. */
@Injectable()
export class VerificationService {
  constructor(
    private readonly tokens: TokenFinder,
    private readonly decisions: CompiledPolicyCache,
    private readonly catalog: ResourceCatalog,
    private readonly uses: ScopeUseCounts,
  ) {}

  /** Throws invalid_token or insufficient_scope. */
  async verify(token: string, { items, audiences, claims }: VerificationQuery): Promise<VerifiedToken> {
    const session = await this.tokens.find(token);
    if (!session?.live) throw invalidToken();
    const catalog = await this.catalog.current();
    const policies = await this.decisions.ofClient(session.clientId);
    const scope = currentScope(session, catalog, policies);
    if (session.scope?.length && scope?.length === 0) throw invalidToken();
    for (const audience of audiences) if (!session.audience.includes(audience)) throw wrongAudience(audience);
    const context = audiences.length > 0 ? { catalog, audiences } : contextOfSession(session, catalog);
    const covers =
      items.length > 1
        ? scopeCover(session, catalog)
        : (one: ScopeItem) => scopeCovers(session, one, catalog);
    const used: ScopeItem[] = [];
    const missing = items.filter((item) => {
      const meant = meaningOf(item, context);
      for (const one of meant) used.push(one);
      const isGranted =
        meant.every((one) => grants(session, one, catalog, policies) && covers(one)) &&
        formerMeaningOf(item, context).every((one) => policies.grants(one));
      return meant.length === 0 || !isGranted;
    });
    if (missing.length > 0) throw otherAudience(missing, session, catalog) ?? insufficientScopes(missing);
    // Only audiences were asked for: an empty scope never grants an item.
    if (scope?.length === 0 && !isValidWithoutScope(session, catalog, policies)) {
      throw forbidden('the access token has an empty scope, which permits nothing');
    }
    for (const item of used) this.uses.verified(session.clientId, item);
    if (items.length === 0) this.noteAudiences(session, audiences, catalog);
    return { session, scope, claims: claims.length === 0 ? NONE : pick(claims, session, catalog) };
  }

  /** What a gateway that asks for no item lets through is not known: anything on the resources of the audiences. */
  private noteAudiences(
    { clientId }: PresentedSession,
    audiences: readonly string[],
    catalog: Catalog,
  ): void {
    for (const audience of audiences) {
      const resources = catalog.withAudience(audience);
      if (resources.length > MAX_NOTED_RESOURCES) this.uses.verified(clientId, ANYTHING, true);
      else for (const { id } of resources) this.uses.verified(clientId, { ...ANYTHING, resource: id }, true);
    }
  }
}

/** Of an audience; those of a larger one are counted as any resource. */
const MAX_NOTED_RESOURCES = 16;

const NONE: Claims = {};

function pick(names: readonly string[], { own, audience }: ListedSession, catalog: Catalog): Claims {
  const claims = currentClaims(own?.claims, audience, catalog)?.claims ?? NONE;
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(claims, name)).map((name) => [name, claims[name]]),
  );
}

/** Whether an empty scope is valid: its audiences have no operations, and the policies still cover them. */
export const isValidWithoutScope = (
  { scope, audience, audienceAsked }: PresentedSession,
  catalog: Catalog,
  policies: CompiledPolicies,
): boolean => scope?.length === 0 && audienceAsked && coversBareAudiences(policies, catalog, audience);

/** The part of a session's scope that the current policies grant. */
export function currentScope(
  session: ListedSession,
  catalog: Catalog,
  policies: CompiledPolicies,
): string[] | null {
  if (session.scope === null) return null;
  const target = { audiences: session.audience, asked: session.audienceAsked, limit: session.limit };
  return decideItems(session.scope, target, catalog, policies).granted;
}

function grants(
  session: PresentedSession,
  item: ScopeItem,
  catalog: Catalog,
  policies: CompiledPolicies,
): boolean {
  const exists = item.operation === ALL || catalog.hasOperation(item.resource, item.operation);
  if (!exists || !policies.grants(item)) return false;
  if (!isMeantFor(session, item, catalog)) return false;
  if (session.scope === null && !session.audience.includes(catalog.ownAudience)) return false;
  return true;
}

/** Whether the token's `aud` has the audience of every resource that an item covers, the server's own included. */
function isMeantFor({ audience }: PresentedSession, item: ScopeItem, catalog: Catalog): boolean {
  if (item.resource === ALL) return catalog.audiences().every((one) => audience.includes(one));
  const resource = catalog.find(item.resource);
  return resource !== undefined && audience.includes(catalog.audienceOf(resource));
}

/** The cause of a rejection, where no policy could change it: the token is not for the audience of a missing item. */
function otherAudience(
  missing: readonly string[],
  { audience }: PresentedSession,
  catalog: Catalog,
): BearerError | undefined {
  for (const text of missing) {
    const resource = catalog.find(parseScopeItem(text)?.resource ?? '');
    const needed = resource && catalog.audienceOf(resource);
    if (needed === undefined || audience.includes(needed)) continue;
    const description = `the token was not issued for ${printable(needed)}, the audience of ${text}`;
    return forbidden(description, challengeScope(missing));
  }
  return undefined;
}

const wrongAudience = (audience: string) =>
  new BearerError('insufficient_scope', 403, `the token was not issued for ${printable(audience)}`);
