import { type Check, Is, NestedList, Optional } from '../../../administration/documents/member-checks.js';
import { itemPath } from '../../../administration/documents/member-path.js';
import { isObject } from '../../../administration/documents/merge-patch.js';
import { PolicyMembers } from '../../../administration/policies/policy.dto.js';
import type { DecisionReason, ItemDecision } from '../../../policies/decision.js';
import { isForeignAudience, isId } from '../../../protocol/identifier.js';
import { nearName } from '../../../protocol/near-name.js';
import { OAuthError } from '../../../protocol/oauth-error.js';
import type { Fault } from '../../../protocol/problem.js';
import { parseScope } from '../../../protocol/scope.js';
import type { Catalog } from '../../../resources/catalog.js';

export const MAX_DRAFTS = 100;
const MAX_AUDIENCES = 100;
const MAX_DRAFT_RULES = 2000;
const CLIENT_REFERENCE = /^(?:Client\/)?(.*)$/s;

const client: Check = (value) =>
  isId(clientIdOf(value)) ? undefined : 'must be the id of a client, or a reference to one';

const scope: Check = (value) => {
  if (typeof value !== 'string') return 'must be a string of scope items separated by spaces';
  try {
    return parseScope(value).length > 0 ? undefined : 'must not be empty';
  } catch (error) {
    return error instanceof OAuthError ? error.description : 'is not a valid scope';
  }
};

const audience: Check = (value) => {
  const isTooLong = Array.isArray(value) && value.length > MAX_AUDIENCES;
  const named = isTooLong ? [] : [value].flat();
  return named.length > 0 && named.every(isForeignAudience)
    ? undefined
    : `must be an audience, or a list of 1 to ${MAX_AUDIENCES}`;
};

/** The members of a question about a scope. */
export class WhoCanMembers {
  @Is(scope)
  scope!: string;

  @Optional()
  @Is(audience)
  audience?: string | string[];
}

export class ExplainMembers extends WhoCanMembers {
  @Is(client)
  client!: unknown;

  @Optional()
  @NestedList(() => PolicyMembers, { most: MAX_DRAFTS })
  policies?: PolicyMembers[];
}

/** The id in `x`, `Client/x`, `{resourceType: Client, id: x}` or `{reference: Client/x}`. */
export function clientIdOf(value: unknown): string | undefined {
  if (typeof value === 'string') return CLIENT_REFERENCE.exec(value)?.[1];
  if (typeof value !== 'object' || value === null) return undefined;
  const { resourceType = 'Client', id, reference } = value as Record<string, unknown>;
  if (typeof reference === 'string') return /^Client\/(.*)$/s.exec(reference)?.[1];
  return resourceType === 'Client' && typeof id === 'string' ? id : undefined;
}

export const audiencesOf = ({ audience: asked }: WhoCanMembers): { audiences?: string[] } =>
  asked === undefined ? {} : { audiences: [...new Set([asked].flat())] };

/**
 * Audiences that no resource registers: nothing is granted for one, so the answer would be misleading. A client may
 * list an unregistered one and then request it together with others.
 */
export function unregisteredAudiences(
  asked: unknown,
  catalog: Catalog,
  listed: readonly string[] = [],
): Fault[] {
  if (audience(asked, {}) !== undefined) return [];
  const faults: Fault[] = [];
  for (const [position, one] of [asked as string | string[]].flat().entries()) {
    if (catalog.isAudience(one) || listed.includes(one)) continue;
    // One suggestion per request, because the search is slow.
    const near = faults.length === 0 ? nearName(one, catalog.audiences()) : undefined;
    const hint = near === undefined ? '' : `; did you mean ${near}?`;
    const path = Array.isArray(asked) ? itemPath('audience', position) : 'audience';
    faults.push({ path, message: `is not the audience of a registered resource${hint}` });
  }
  return faults;
}

/** The faults of a draft, with their paths in the request. */
export const faultsAt = (path: string, faults: readonly Fault[]): Fault[] =>
  faults.map((fault) => ({ ...fault, path: `${path}.${fault.path}` }));

const MAX_SHOWN_ITEMS = 20;

const UNGRANTABLE: Readonly<Partial<Record<DecisionReason, string>>> = {
  malformed: 'is not resource:identifier:operation',
  unknown_resource: 'does not name a registered resource',
  unknown_operation: 'does not name an operation of its resource',
  wrong_audience: 'names a resource of another audience',
};

/** The items that no policy could grant, as faults in the terms of $explain. */
export const ungrantableFaults = (items: readonly ItemDecision[]): Fault[] =>
  items.slice(0, MAX_SHOWN_ITEMS).map(({ scope, reason }) => ({
    path: 'scope',
    message: `${scope} ${UNGRANTABLE[reason] ?? 'cannot be granted'} (${reason})`,
  }));

/** Checked before the drafts are read, because reading takes time for each rule. */
export function tooManyRules(drafts: unknown): Fault[] {
  if (!Array.isArray(drafts)) return [];
  const counts = drafts.map((draft) =>
    isObject(draft) && Array.isArray(draft.rules) ? draft.rules.length : 0,
  );
  const isTooMany = counts.reduce((sum, count) => sum + count, 0) > MAX_DRAFT_RULES;
  return isTooMany
    ? [{ path: 'policies', message: `must contain at most ${MAX_DRAFT_RULES} rules in total` }]
    : [];
}

/** Two drafts with the same id would be one policy in two versions. */
export function repeatedIds(drafts: readonly unknown[]): Fault[] {
  const ids = drafts.map((draft) => (isObject(draft) ? draft.id : undefined));
  return ids.flatMap((id, position) =>
    id !== undefined && ids.indexOf(id) < position
      ? [{ path: `policies[${position}].id`, message: 'is the id of another draft' }]
      : [],
  );
}
