import { isOwnType } from '../../../packages/protocol/src/own-type.js';
import { ALL } from '../../../packages/protocol/src/scope-item.js';
import type { Client, TokenQuota } from '../../clients/client.js';
import type { Holdings } from '../../policies/holdings.js';
import type { Policy, Rule } from '../../policies/policy.js';
import type { Catalog } from '../../resources/catalog.js';
import type { AudienceReach } from './audience-reach.js';
import type { Missing } from './missing.js';

/** A caller, and the tokens that it can have itself. */
export interface AudienceHolder {
  id: string;
  holdings: Holdings;
  reach: AudienceReach;
  quota: TokenQuota | null;
}

/**
 * An unregistered audience is held by a caller that could have it, or that administers the whole server. The scope of a
 * token names no such audience, so a token with a scope holds none.
 */
export const holdsUnregistered = (caller: AudienceHolder, audience: string): boolean =>
  !caller.holdings.hasScope && (caller.reach.hasUnregistered(audience) || administers(caller));

const holdsEveryUnregistered = (caller: AudienceHolder): boolean =>
  !caller.holdings.hasScope && (caller.reach.hasEveryUnregistered || administers(caller));

const administers = ({ holdings }: AudienceHolder): boolean => holdings.administersEverything;

/** The first audience that a client can have and the caller does not hold. */
export function missingAudience(
  caller: AudienceHolder,
  client: AudienceReach,
  catalog: Catalog,
): string | undefined {
  if (client.hasEveryUnregistered && !holdsEveryUnregistered(caller)) return 'every unregistered audience';
  const listed = client.list?.find((one) => !catalog.isAudience(one) && !holdsUnregistered(caller, one));
  if (listed !== undefined) return `the unregistered audience ${listed}`;
  const beyond = unlisted(caller, catalog.audiences()).find((audience) => client.has(audience, catalog));
  return beyond === undefined ? undefined : `the audience ${beyond}`;
}

/** The audiences that the caller's own list keeps from it, and therefore from those to which it grants. */
const unlisted = (caller: AudienceHolder, audiences: readonly string[]): readonly string[] => {
  const { list } = caller.reach;
  return list && !administers(caller) ? audiences.filter((audience) => !list.includes(audience)) : [];
};

/** What the caller lacks for granting these rules: the audience of a resource that its own list does not contain. */
export function missingForAudiencesOf(
  caller: AudienceHolder,
  rules: readonly Rule[],
  catalog: Catalog,
): Missing | undefined {
  const resources = new Set(rules.map(({ resource }) => resource));
  const granted = [...resources].flatMap((resource) => {
    if (resource === ALL) return catalog.audiences();
    const registered = isOwnType(resource) ? undefined : catalog.find(resource);
    return registered ? [catalog.audienceOf(registered)] : [];
  });
  const [audience] = unlisted(caller, granted);
  return audience === undefined
    ? undefined
    : { description: `the caller's own list of audiences does not contain ${audience}, which this grants` };
}

/**
 * What the caller lacks for adding registered audiences to a client's list: their resources can no longer leave them
 * without the right to have an audience that the client lists.
 */
export function missingForListing(
  caller: AudienceHolder,
  before: Client | null,
  after: Client | null,
  catalog: Catalog,
): Missing | undefined {
  const listed = before?.clientCredentials.audience ?? [];
  const added = after?.clientCredentials.audience?.filter((one) => !listed.includes(one)) ?? [];
  const beyond = added.find((one) => catalog.isAudience(one) && !mayList(caller, one, catalog));
  if (beyond === undefined) return undefined;
  return {
    description: `the caller can neither have tokens for ${beyond}, which this adds to the client's list, nor update all its resources`,
  };
}

const mayList = (caller: AudienceHolder, audience: string, catalog: Catalog): boolean =>
  caller.reach.has(audience, catalog) || administers(caller) || updatesAllOf(caller, audience, catalog);

const updatesAllOf = ({ holdings }: AudienceHolder, audience: string, catalog: Catalog): boolean =>
  catalog
    .withAudience(audience)
    .every(({ id }) => holdings.may({ resource: 'Resource', identifier: id, operation: 'update' }));

/** What the caller lacks for this policy: the engine `allow` permits every unregistered audience. */
export function missingForEngine(caller: AudienceHolder, after: Policy | null): Missing | undefined {
  if (after?.engine !== 'allow' || holdsEveryUnregistered(caller)) return undefined;
  return {
    description: `the engine allow grants every unregistered audience, which the caller does not hold: grant ${ALL}:${ALL}:${ALL} by a rule instead`,
  };
}
