import { ANY_NAME, type CarriedName } from '../../resources/carried-names.repository.js';
import type { Authorization } from '../grants/grant.js';

/** Pairs of a name and an audience; a token with more of them is recorded as carrying any name. */
const MAX_PAIRS = 2000;

/** What equal JWTs carry beyond the operations of some of their audiences. */
export interface CarriedByTokens {
  names: readonly CarriedName[];
  /** Of the catalog by which they were granted. */
  claims: number;
}

/** A name of one audience that another one of the token does not have; undefined if there is none. */
export function carriedBy(
  clientId: string,
  { audience: audiences, audienceAsked, scope, catalog }: Authorization,
): CarriedByTokens | undefined {
  if (audiences.length < 2 || !audienceAsked || !scope) return undefined;
  const isMany = scope.length * audiences.length > MAX_PAIRS;
  const has = (audience: string, name: string) => catalog.ownersOf(audience, name).length > 0;
  const bare = isMany ? [] : scope.filter((name) => audiences.some((audience) => has(audience, name)));
  const names = audiences.flatMap((audience) => {
    if (isMany) return [{ audience, operation: ANY_NAME, clientId }];
    return bare
      .filter((name) => !has(audience, name))
      .map((operation) => ({ audience, operation, clientId }));
  });
  return names.length === 0 ? undefined : { names, claims: catalog.nameClaims };
}
