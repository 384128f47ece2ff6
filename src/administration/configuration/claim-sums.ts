import { Injectable } from '@nestjs/common';
import { permitsAudience } from '../../clients/client.js';
import { ClientsRepository } from '../../clients/clients.repository.js';
import { type Claims, claimsBytes, MAX_CLAIMS_BYTES } from '../../protocol/claims.js';
import type { Fault } from '../../protocol/problem.js';
import { audienceClaims } from '../../resources/audience-claims.js';
import type { Catalog } from '../../resources/catalog.js';
import type { Resource } from '../../resources/resource.js';
import { ResourceCatalog } from '../../resources/resource-catalog.js';
import { claimFaults, sumFault } from '../documents/claims.faults.js';
import { isObject, type JsonObject } from '../documents/merge-patch.js';

/** Checks that no token for one audience has more static claims than the limit, those of its client included. */
@Injectable()
export class ClaimSums {
  constructor(
    private readonly clients: ClientsRepository,
    private readonly catalog: ResourceCatalog,
  ) {}

  /** `list`: the audiences that the client lists, if it does. */
  async faultsOfClient({ claims }: JsonObject, list: unknown): Promise<Fault[]> {
    if (!isObject(claims) || claimFaults(claims).length > 0) return [];
    const catalog = await this.catalog.load();
    const bytes = claimsBytes(claims);
    for (const audience of Array.isArray(list) ? list : catalog.audiences()) {
      const added = catalog.claimsOf(audience);
      if (!added || added.bytes + bytes <= MAX_CLAIMS_BYTES) continue;
      const sum = sumOf(added.claims, claims);
      if (sum > MAX_CLAIMS_BYTES) return [sumFault(sum, 'an audience that it may use')];
    }
    return [];
  }

  async faultsOfResource(resource: Resource, catalog: Catalog): Promise<Fault[]> {
    if (!resource.claims) return [];
    const audience = catalog.audienceOf(resource);
    const added = audienceClaims(catalog.with(resource).withAudience(audience));
    if (!added) return [];
    if (added.bytes > MAX_CLAIMS_BYTES) return [sumFault(added.bytes, 'the other resources of its audience')];
    for await (const page of this.clients.claiming(MAX_CLAIMS_BYTES - added.bytes)) {
      for (const client of page) {
        if (!permitsAudience(client, audience)) continue;
        const sum = sumOf(added.claims, client.claims ?? {});
        if (sum > MAX_CLAIMS_BYTES) return [sumFault(sum, 'a client that may use its audience')];
      }
    }
    return [];
  }
}

/** As in a token: those of the client replace those of the resources. */
const sumOf = (ofAudience: Claims, ofClient: Claims): number => claimsBytes({ ...ofAudience, ...ofClient });
