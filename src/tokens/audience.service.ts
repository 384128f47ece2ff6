import { Injectable } from '@nestjs/common';
import { type Client, permitsAudience } from '../clients/client.js';
import { ClientRegistry } from '../clients/client-registry.js';
import { issuerNames } from '../config/issuer-settings.js';
import { Settings } from '../config/settings.js';
import type { CompiledPolicies } from '../policies/compiled-policies.js';
import { type DecisionContext, decide } from '../policies/decision.js';
import { coversAudience } from '../policies/whole-grant.js';
import { isAudience } from '../protocol/identifier.js';
import type { TokenRequest } from '../protocol/messages/token-request.js';
import { invalidRequest } from '../protocol/oauth-error.js';
import { normalizedAudience } from '../resources/audience-spelling.js';
import type { Catalog } from '../resources/catalog.js';
import { derivedAudience } from './derived-audience.js';
import type { Dialect } from './dialects/dialect.js';
import type { OriginalGrant } from './original-grant.js';

/** The audience of a requested token. */
export interface Target {
  /** Empty if it is to be derived from the granted items. */
  audiences: string[];
  /** Whether the request named an audience, so that only items of its resources can be granted. */
  asked: boolean;
  /** The client's own list: without a requested audience, items of other audiences are not granted. */
  limit?: readonly string[] | undefined;
}

/** Items are decided within the requested audiences, or else within those that the client lists. */
export const contextOf = ({ audiences, asked, limit }: Target, catalog: Catalog): DecisionContext =>
  asked ? { catalog, audiences } : { catalog, limit };

/** Resolves the audience of a token (RFC 8707, and the `audience` of Aidbox and Auth0), or rejects the request. */
@Injectable()
export class AudienceService {
  private readonly issuers: ReadonlySet<string>;

  constructor(
    private readonly settings: Settings,
    private readonly clients: ClientRegistry,
  ) {
    this.issuers = new Set(Array.from(issuerNames(settings), normalizedAudience));
  }

  async resolve(
    client: Client,
    request: TokenRequest,
    dialect: Dialect,
    catalog: Catalog,
    policies: CompiledPolicies,
  ): Promise<Target> {
    const requested = requestedAudiences(request, catalog);
    if (requested.length === 0) {
      const limit = client.clientCredentials.audience;
      const absent = dialect.absentAudience({ id: client.id, audience: limit ?? [] });
      if ('derived' in absent) return { audiences: [], asked: false, limit };
      if ('audience' in absent) return { audiences: [absent.audience], asked: false, limit };
      requested.push(registered(absent.requested, catalog));
    }
    const byResource = request.resources.length > 0;
    for (const audience of requested)
      await this.check(audience, byResource, client, dialect, catalog, policies);
    return { audiences: requested, asked: true };
  }

  private async check(
    audience: string,
    byResource: boolean,
    client: Client,
    dialect: Dialect,
    catalog: Catalog,
    policies: CompiledPolicies,
  ): Promise<void> {
    const isRegistered = catalog.isAudience(audience);
    if (!isRegistered) {
      const copied =
        !byResource &&
        dialect.copiesUnregisteredAudience &&
        (await this.mayBeCopied(audience, client, catalog, policies));
      if (!copied) throw dialect.unregisteredAudience(audience);
    }
    // RFC 8707 2: a resource indicator has no fragment.
    if (byResource && audience.includes('#')) throw dialect.unregisteredAudience(audience);
    if (!permitsAudience(client, audience)) throw dialect.uncoveredAudience(audience);
    const open = !isRegistered || (dialect.ownAudienceIsOpen && audience === catalog.ownAudience);
    if (!open && !coversAudience(policies, catalog, audience)) throw dialect.uncoveredAudience(audience);
  }

  /**
   * The audiences of a refresh token's original grant that the client could still request: its list, the policies and
   * the registered audiences may have changed since.
   */
  async remaining(
    first: OriginalGrant,
    client: Client,
    catalog: Catalog,
    policies: CompiledPolicies,
  ): Promise<string[]> {
    const { scope } = first;
    const { audience: listed } = client.clientCredentials;
    const following =
      first.audienceAsked || scope === null ? undefined : audienceOfItems(scope, listed, catalog, policies);
    const remaining: string[] = [];
    for (const one of first.audience) {
      if (!permitsAudience(client, one)) continue;
      if (following && !following.includes(one)) continue;
      const allowed = catalog.isAudience(one)
        ? // Without a scope it was the server's own audience, or not registered yet.
          scope !== null || one === catalog.ownAudience || coversAudience(policies, catalog, one)
        : await this.mayBeCopied(one, client, catalog, policies);
      if (allowed) remaining.push(one);
    }
    return remaining;
  }

  /**
   * Client ids and issuers identify other parties: a client's token may contain only its own id. Another spelling of a
   * registered audience could be accepted by its API, which the policies have to allow.
   */
  private async mayBeCopied(
    audience: string,
    client: Client,
    catalog: Catalog,
    policies: CompiledPolicies,
  ): Promise<boolean> {
    if (!this.allowsUnregistered(audience, client, policies)) return false;
    if (!isAudience(audience)) return false;
    if (catalog.registeredSpelling(audience) !== undefined) return false;
    if (this.issuers.has(normalizedAudience(audience))) return false;
    return audience === client.id || (await this.clients.find(audience)) === undefined;
  }

  /** An audience outside the client's own list is rejected elsewhere; a client may always be its own audience. */
  private allowsUnregistered(
    audience: string,
    { id, clientCredentials }: Client,
    policies: CompiledPolicies,
  ): boolean {
    const { unregisteredAudience } = this.settings;
    if (unregisteredAudience !== 'policy') return unregisteredAudience === 'allow';
    return audience === id || clientCredentials.audience != null || policies.hasAllowEngine;
  }
}

/**
 * An audience that was not requested but followed from the items does not outlast them: a policy may have taken the last
 * one, or its resource may have moved and the audience may belong to another API now.
 */
function audienceOfItems(
  scope: readonly string[],
  limit: readonly string[] | undefined,
  catalog: Catalog,
  policies: CompiledPolicies,
): string[] {
  const granted = decide(policies, scope, { catalog, limit }).filter((item) => item.granted);
  const items = granted.map((item) => item.scope);
  return items.length === 0 ? [] : derivedAudience(items, catalog);
}

/** As registered: clients spell equivalent URIs differently. */
const registered = (audience: string, catalog: Catalog): string =>
  catalog.registeredSpelling(audience) ?? audience;

/** The audiences of the request without duplicates, as registered; `resource` and `audience` must agree. */
export function requestedAudiences(request: TokenRequest, catalog: Catalog): string[] {
  const resources = request.resources.map((resource) => registered(resource, catalog));
  const audience = request.audience === undefined ? undefined : registered(request.audience, catalog);
  if (audience !== undefined && resources.some((resource) => resource !== audience)) {
    throw invalidRequest('resource and audience name different audiences');
  }
  return [...new Set(audience === undefined ? resources : [audience])];
}
