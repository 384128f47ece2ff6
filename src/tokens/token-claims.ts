import { isDeepStrictEqual } from 'node:util';
import { printable } from '../../packages/protocol/src/error-description.js';
import { type Claims, claimsBytes, MAX_CLAIMS_BYTES } from '../protocol/claims.js';
import { invalidTarget } from '../protocol/oauth-error.js';
import type { Catalog } from '../resources/catalog.js';

/** The claims that a client and the resources of a token's audiences add to it. */
export interface AddedClaims {
  claims: Claims;
  permissions: boolean;
}

interface Gathered extends AddedClaims {
  /** A claim to which two audiences give different values, and the client none. */
  disputed: string | undefined;
}

/** For a new token; throws invalid_target where its audiences contradict each other or add too much. */
export function claimsToIssue(
  own: Claims | null,
  audiences: readonly string[],
  catalog: Catalog,
): AddedClaims | undefined {
  const gathered = gather(own, audiences, catalog);
  if (gathered?.disputed !== undefined) {
    const name = printable(gathered.disputed);
    throw invalidTarget(`the audiences have different claims ${name}: request a token for each`);
  }
  // One audience alone was checked when its claims, and those of the client, were written.
  if (gathered && audiences.length > 1 && claimsBytes(gathered.claims) > MAX_CLAIMS_BYTES) {
    throw invalidTarget(`the claims of these audiences exceed ${MAX_CLAIMS_BYTES} bytes: request fewer`);
  }
  return gathered;
}

/** Those that a token has now; a disputed one belongs to neither audience. */
export function currentClaims(
  own: Claims | null | undefined,
  audiences: readonly string[],
  catalog: Catalog,
): AddedClaims | undefined {
  return gather(own ?? null, audiences, catalog);
}

/** undefined where nothing is added, as is usual. */
function gather(own: Claims | null, audiences: readonly string[], catalog: Catalog): Gathered | undefined {
  const added = catalog.hasClaims ? audiences.flatMap((audience) => catalog.claimsOf(audience) ?? []) : [];
  if (own === null && added.length === 0) return undefined;
  const claims: Record<string, unknown> = { ...own };
  const disputed = new Set<string>();
  for (const audience of added) {
    for (const [name, value] of Object.entries(audience.claims)) {
      if (own && Object.hasOwn(own, name)) continue;
      if (!Object.hasOwn(claims, name)) claims[name] = value;
      else if (!isDeepStrictEqual(claims[name], value)) disputed.add(name);
    }
  }
  for (const name of disputed) delete claims[name];
  return { claims, permissions: added.some(({ permissions }) => permissions), disputed: [...disputed][0] };
}
