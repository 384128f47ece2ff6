import { unreadable } from '../../../protocol/problem.js';
import { type QueryParameter, readQuery } from '../access/query-string.js';
import { type Answer, NO_CONTENT, ok } from '../answer/answer.js';
import type { JsonObject } from '../body/merge-patch.js';
import type { ConfigurationTypeName } from './configuration-audit.js';

export interface Reference {
  resourceType: ConfigurationTypeName;
  id: string;
}

/** What a deletion removes or changes besides its target. */
export interface Removal {
  deleted: Reference[];
  changed: Reference[];
}

export const NOTHING_ELSE: Removal = { deleted: [], changed: [] };

/** Rolls back the transaction of a dry run. */
export class DryRunEnded extends Error {
  constructor(readonly removal: Removal) {
    super('the deletion was a dry run');
  }
}

export const DRY_RUN = '_dryRun';

export function isDryRun(url: string): boolean {
  const values = readQuery(url).flatMap(([name, value]: QueryParameter) => (name === DRY_RUN ? [value] : []));
  if (values.length === 0) return false;
  const [value] = values;
  if (values.length > 1 || (value !== 'true' && value !== 'false')) {
    throw unreadable(`${DRY_RUN} must be true or false, once`);
  }
  return value === 'true';
}

/** The result of a dry run; `notes` is further information for the caller. */
export const dryRunAnswer = (own: Reference | undefined, removal: Removal, notes: JsonObject): Answer =>
  ok({
    dry_run: true,
    deleted: [...(own ? [own] : []), ...removal.deleted],
    changed: removal.changed,
    ...notes,
  });

/** Gateways accept a header of a few kilobytes; the audit records all of them. */
const MAX_NAMED = 20;

/** A deletion's response has no body, so a header lists what was removed with it. */
export function removalAnswer({ deleted, changed }: Removal): Answer {
  const named = [
    ...deleted.map((reference) => `${nameOf(reference)} deleted`),
    ...changed.map((reference) => `${nameOf(reference)} changed`),
  ];
  if (named.length === 0) return NO_CONTENT;
  const rest = named.length - MAX_NAMED;
  const shown = rest > 0 ? [...named.slice(0, MAX_NAMED), `${rest} more`] : named;
  return { ...NO_CONTENT, headers: { 'x-deleted-with': shown.join(', ') } };
}

const nameOf = ({ resourceType, id }: Reference): string => `${resourceType}/${id}`;
