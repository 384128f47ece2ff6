import { Injectable } from '@nestjs/common';
import type { Client } from '../clients/client.js';
import { ClientRegistry } from '../clients/client-registry.js';
import { Settings } from '../config/settings.js';
import type { CompiledPolicies } from '../policies/compiled-policies.js';
import type { DecisionContext } from '../policies/decision.js';
import { coversAudience } from '../policies/whole-grant.js';
import { MAX_AUDIENCE_LENGTH } from '../protocol/identifier.js';
import { invalidRequest } from '../protocol/oauth-error.js';
import type { TokenRequest } from '../protocol/token-request.js';
import type { Catalog } from '../resources/catalog.js';
import type { Dialect } from './dialects/dialect.js';
import type { OriginalGrant } from './original-grant.js';

/** The audience of a token that is asked for. */
export interface Target {
  /** Empty while it is to be derived from what is granted. */
  audiences: string[];
  /** Whether an audience was asked for, so that only its resources' items can be granted. */
  asked: boolean;
  /** The client's own list: where no audience was asked for, items of other audiences are not granted. */
  limit?: readonly string[] | undefined;
}

/** Items are decided within the audiences that were asked for, or else within those that the client lists. */
export const contextOf = ({ audiences, asked, limit }: Target, catalog: Catalog): DecisionContext =>
  asked ? { catalog, audiences } : { catalog, limit };

const CONTROL_OR_SURROGATE = /[\p{Cc}\p{Cs}]/u;

/** Says for whom a token is meant (RFC 8707, and the `audience` of Aidbox and Auth0), or refuses. */
@Injectable()
export class AudienceService {
  private readonly issuers: ReadonlySet<string>;

  constructor(
    private readonly settings: Settings,
    private readonly clients: ClientRegistry,
  ) {
    const { rootIssuer, oidcIssuer } = settings;
    this.issuers = new Set(
      [rootIssuer, oidcIssuer].flatMap((issuer) => [issuer, `${issuer}/`, issuer.replace(/\/$/, '')]),
    );
  }

  async resolve(
    client: Client,
    request: TokenRequest,
    dialect: Dialect,
    catalog: Catalog,
    policies: CompiledPolicies,
  ): Promise<Target> {
    const asked = askedAudiences(request);
    if (asked.length === 0) {
      const limit = client.clientCredentials.audience;
      const absent = dialect.absentAudience({ id: client.id, audience: limit ?? [] });
      if ('derived' in absent) return { audiences: [], asked: false, limit };
      if ('audience' in absent) return { audiences: [absent.audience], asked: false, limit };
      asked.push(absent.asked);
    }
    const byResource = request.resources.length > 0;
    for (const audience of asked) await this.check(audience, byResource, client, dialect, catalog, policies);
    return { audiences: asked, asked: true };
  }

  private async check(
    audience: string,
    byResource: boolean,
    client: Client,
    dialect: Dialect,
    catalog: Catalog,
    policies: CompiledPolicies,
  ): Promise<void> {
    const registered = catalog.isAudience(audience);
    if (!registered) {
      const copied =
        !byResource &&
        dialect.copiesUnregisteredAudience &&
        (await this.mayBeCopied(audience, client, policies));
      if (!copied) throw dialect.unregisteredAudience(audience);
    }
    // RFC 8707 2: a resource indicator has no fragment.
    if (byResource && audience.includes('#')) throw dialect.unregisteredAudience(audience);
    const { audience: listed } = client.clientCredentials;
    if (listed && !listed.includes(audience)) throw dialect.uncoveredAudience(audience);
    const open = !registered || (dialect.ownAudienceIsOpen && audience === catalog.ownAudience);
    if (!open && !coversAudience(policies, catalog, audience)) throw dialect.uncoveredAudience(audience);
  }

  /**
   * Those audiences of a refresh token's original grant that the client could still ask for: its list, the policies and
   * the registered audiences may all have changed since.
   */
  async left(
    { audience, scope }: OriginalGrant,
    client: Client,
    catalog: Catalog,
    policies: CompiledPolicies,
  ): Promise<string[]> {
    const { audience: listed } = client.clientCredentials;
    const left: string[] = [];
    for (const one of audience) {
      if (listed && !listed.includes(one)) continue;
      const allowed = catalog.isAudience(one)
        ? // Without a scope it was the server's own, or not registered yet.
          scope !== null || one === catalog.ownAudience || coversAudience(policies, catalog, one)
        : await this.mayBeCopied(one, client, policies);
      if (allowed) left.push(one);
    }
    return left;
  }

  /** Client ids and issuers name other parties: only its own id may stand in a client's token. */
  private async mayBeCopied(audience: string, client: Client, policies: CompiledPolicies): Promise<boolean> {
    if (!this.allowsUnregistered(audience, client, policies)) return false;
    if (audience.length > MAX_AUDIENCE_LENGTH || CONTROL_OR_SURROGATE.test(audience)) return false;
    if (this.issuers.has(audience)) return false;
    return audience === client.id || (await this.clients.find(audience)) === undefined;
  }

  /** An audience outside a client's own list is refused as such; a client may always be its own audience. */
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

/** What the request names, once each; `resource` beside `audience` must say the same. */
export function askedAudiences({ audience, resources }: TokenRequest): string[] {
  if (audience !== undefined && resources.some((resource) => resource !== audience)) {
    throw invalidRequest('resource and audience name different audiences');
  }
  return [...new Set(audience === undefined ? resources : [audience])];
}
