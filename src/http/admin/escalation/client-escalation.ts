import type { Holdings } from '../../../policies/holdings.js';
import { ALLOW_ALL } from '../../../policies/policy.js';
import type { Missing } from './missing.js';

/** What could be gained by impersonating a client, or withheld from it, besides its policies. */
export interface ClientPowers {
  id: string;
  holdings: Holdings;
  /** The resources whose tokens it may introspect. */
  introspects: readonly string[];
  /** The unregistered audiences in its present or future list. */
  unregisteredAudiences: readonly string[];
}

/** The caller, compared with the client. */
export interface CallingClient {
  id: string;
  holdings: Holdings;
  listedAudiences: readonly string[];
}

/** What the caller lacks for creating this client or changing its authentication or token settings. */
export function missingForClient(caller: CallingClient, client: ClientPowers): Missing | undefined {
  const rule = caller.holdings.notCovered(client.holdings);
  if (rule) {
    const { resource, identifier, operations } = rule;
    return stronger(client, `${resource}:${identifier}:${operations.join(',')}`);
  }
  const isItself = caller.id === client.id && !caller.holdings.hasScope;
  const introspected = client.introspects.find((resource) => !isItself && !mayIntrospect(caller, resource));
  if (introspected !== undefined) return stronger(client, `introspection for ${introspected}`);
  const audience = client.unregisteredAudiences.find((one) => !mayHaveTokenFor(caller, one));
  return audience === undefined ? undefined : stronger(client, `the unregistered audience ${audience}`);
}

/**
 * What the caller lacks for unregistering an audience: from then on, clients that list it get it without any policy,
 * and those with the engine `allow` get it in spite of deny rules on its resource.
 */
export function missingForUnregistering(
  caller: CallingClient,
  audience: string,
  listing: readonly string[],
  withheldFrom: string | undefined,
): Missing | undefined {
  if (mayHaveTokenFor(caller, audience)) return undefined;
  const [id] = listing;
  if (id !== undefined) {
    return {
      description: `the client ${id} lists ${audience}, which would no longer belong to any resource: remove it from that list first`,
    };
  }
  if (withheldFrom === undefined) return undefined;
  return {
    description: `the client ${withheldFrom} is denied this resource, and could get tokens for ${audience} without it: set an audience list for that client first`,
  };
}

const stronger = ({ id }: ClientPowers, what: string): Missing => ({
  description: `the client ${id} has more permissions than the caller: ${what}`,
});

const mayIntrospect = ({ holdings }: CallingClient, resource: string): boolean =>
  holdings.may({ resource: 'Session', identifier: '*', operation: 'introspect' }) ||
  holdings.may({ resource: 'Resource', identifier: resource, operation: 'update' });

const mayHaveTokenFor = ({ holdings, listedAudiences }: CallingClient, audience: string): boolean =>
  holdings.covers(ALLOW_ALL) || (!holdings.hasScope && listedAudiences.includes(audience));
