import { Injectable } from '@nestjs/common';
import type { Client } from '../../clients/client.js';
import { Settings } from '../../config/settings.js';
import { CompiledPolicyCache } from '../../policies/compiled-policy-cache.js';
import type { TokenRequest } from '../../protocol/messages/token-request.js';
import { invalidTarget, unauthorizedClient } from '../../protocol/oauth-error.js';
import type { Catalog } from '../../resources/catalog.js';
import type { Resource } from '../../resources/resource.js';
import { ResourceCatalog } from '../../resources/resource-catalog.js';
import { AudienceService, type Target } from '../audience.service.js';
import { derivedAudience, namedResources } from '../derived-audience.js';
import type { Dialect } from '../dialects/dialect.js';
import { grantScope } from '../scope-grant.js';
import { claimsToIssue } from '../token-claims.js';
import type { Authorization, Grant, GrantBasis } from './grant.js';

/** RFC 6749 4.4: the client acts on its own behalf. */
@Injectable()
export class ClientCredentialsGrant implements Grant {
  readonly type = 'client_credentials';

  constructor(
    private readonly settings: Settings,
    private readonly audiences: AudienceService,
    private readonly decisions: CompiledPolicyCache,
    private readonly catalog: ResourceCatalog,
  ) {}

  permit(client: Client): void {
    requireClientCredentials(client);
  }

  async authorize(client: Client, request: TokenRequest, dialect: Dialect): Promise<Authorization> {
    const catalog = await this.catalog.current();
    const policies = await this.decisions.ofClient(client.id);
    return this.decide(client, request, dialect, { catalog, policies });
  }

  async decide(
    client: Client,
    request: TokenRequest,
    dialect: Dialect,
    { catalog, policies }: GrantBasis,
  ): Promise<Authorization> {
    const target = await this.audiences.resolve(client, request, dialect, catalog, policies);
    const { granted, rejected } = await grantScope(request.scope, target, dialect, catalog, policies);
    const resources = resourcesOf(target, granted, catalog);
    const derives = target.audiences.length === 0;
    const audience = derives ? derivedAudience(granted ?? [], catalog) : target.audiences;
    const outside = derives && audience.find((one) => target.limit?.includes(one) === false);
    if (outside) throw dialect.uncoveredAudience(outside);
    assertFewAudiences(audience);
    return {
      audience,
      audienceAsked: target.asked,
      scope: granted,
      rejected,
      catalog,
      resources,
      issuer: dialect.issuer(this.settings),
      added: claimsToIssue(client.claims, audience, catalog),
    };
  }
}

/** Every token of a client has its origin in this grant, a refreshed one too. */
export function requireClientCredentials(client: Client): void {
  if (!client.grantTypes.includes('client_credentials')) {
    throw unauthorizedClient('the client is not registered for client_credentials');
  }
}

/** The column session.audience holds 64 KiB on MySQL; the count spares most requests the serialization. */
const MAX_AUDIENCE_BYTES = 32 * 1024;
const MAX_UNCOUNTED_AUDIENCES = 32;

function assertFewAudiences(audience: readonly string[]): void {
  if (audience.length <= MAX_UNCOUNTED_AUDIENCES) return;
  if (Buffer.byteLength(JSON.stringify(audience)) <= MAX_AUDIENCE_BYTES) return;
  throw invalidTarget('names too many audiences for one token (32 KiB): request fewer');
}

/** The resources of a token: those of the requested audiences, or else those that its items name. */
export function resourcesOf(target: Target, granted: readonly string[] | null, catalog: Catalog): Resource[] {
  if (target.asked) return target.audiences.flatMap((audience) => [...catalog.withAudience(audience)]);
  return namedResources(granted ?? [], catalog);
}
