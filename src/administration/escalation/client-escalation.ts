import type { TokenQuota } from '../../clients/client.js';
import type { Holdings } from '../../policies/holdings.js';
import type { Catalog } from '../../resources/catalog.js';
import type { AudienceReach } from './audience-reach.js';
import { type AudienceHolder, missingAudience } from './held-audiences.js';
import type { Missing } from './missing.js';

/** What could be gained by impersonating a client, or withheld from it, besides its policies. */
export interface ClientPowers {
  id: string;
  holdings: Holdings;
  /** The resources whose tokens it may introspect. */
  introspects: readonly string[];
  /** The audiences that it can have before and after the write. */
  reaches: readonly AudienceReach[];
  /** Its quota before and after the write. */
  quotas: readonly (TokenQuota | null)[];
}

/** What the caller lacks for creating this client or changing its authentication or token settings. */
export function missingForClient(
  caller: AudienceHolder,
  client: ClientPowers,
  catalog: Catalog,
): Missing | undefined {
  const rule = caller.holdings.notCovered(client.holdings);
  if (rule) {
    const { resource, identifier, operations } = rule;
    return stronger(client, `${resource}:${identifier}:${operations.join(',')}`);
  }
  const isItself = caller.id === client.id && !caller.holdings.hasScope;
  const introspected = client.introspects.find((resource) => !isItself && !mayIntrospect(caller, resource));
  if (introspected !== undefined) return stronger(client, `introspection for ${introspected}`);
  for (const reach of client.reaches) {
    const audience = missingAudience(caller, reach, catalog);
    if (audience !== undefined) return stronger(client, audience);
  }
  if (caller.holdings.administersEverything) return undefined;
  if (client.quotas.some((quota) => exceedsQuota(quota, caller.quota)))
    return stronger(client, 'a higher token quota');
  return caller.id === client.id ? undefined : missingForMoreTokens(caller);
}

/** The permissions that the caller lacks for other clients or workloads, whose tokens would add to its own quota. */
export function missingForMoreTokens({ holdings, quota }: AudienceHolder): Missing | undefined {
  if (!quota?.enforce || holdings.administersEverything) return undefined;
  return {
    description: 'the caller has a token quota, and this could give it tokens beyond that',
  };
}

/** Whether a client may have more tokens in an hour or a day than the caller itself. */
function exceedsQuota(quota: TokenQuota | null, own: TokenQuota | null): boolean {
  const limit = (of: TokenQuota | null, period: 'perHour' | 'perDay'): number =>
    (of?.enforce ? of[period] : undefined) ?? Number.POSITIVE_INFINITY;
  return limit(quota, 'perHour') > limit(own, 'perHour') || limit(quota, 'perDay') > limit(own, 'perDay');
}

const stronger = ({ id }: ClientPowers, what: string): Missing => ({
  description: `the client ${id} has more permissions than the caller: ${what}`,
});

const mayIntrospect = ({ holdings }: AudienceHolder, resource: string): boolean =>
  holdings.may({ resource: 'Session', identifier: '*', operation: 'introspect' }) ||
  holdings.may({ resource: 'Resource', identifier: resource, operation: 'update' });
