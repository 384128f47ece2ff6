import { type Claims, claimsBytes } from '../protocol/claims.js';
import type { Resource } from './resource.js';

/** The claims and settings that the resources of one audience add to its tokens. */
export interface AudienceClaims {
  /** Of equal names, that of the first resource by id. */
  claims: Claims;
  /** Their size as JSON. */
  bytes: number;
  /** Whether the tokens list their items in `permissions`, as Auth0's profiles with `authz` do. */
  permissions: boolean;
}

const asksPermissions = ({ token }: Resource): boolean => token.profile?.endsWith('_authz') ?? false;

/** undefined where no resource adds anything, as is usual. `resources` in the order of their ids. */
export function audienceClaims(resources: readonly Resource[]): AudienceClaims | undefined {
  const permissions = resources.some(asksPermissions);
  const adding = resources.filter(({ claims }) => claims);
  if (adding.length === 0 && !permissions) return undefined;
  const claims: Claims = Object.assign({}, ...adding.map((resource) => resource.claims).reverse());
  return { claims, bytes: claimsBytes(claims), permissions };
}
