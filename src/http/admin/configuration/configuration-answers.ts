import type { Rehearsal } from '../../../administration/configuration/configuration-deletions.js';
import type { Saved } from '../../../administration/configuration/configuration-writes.js';
import type { Reference, Removal } from '../../../administration/configuration/removal.js';
import { etagOf } from '../../../administration/documents/meta.js';
import { unreadable } from '../../../protocol/problem.js';
import { type QueryParameter, readQuery } from '../access/query-string.js';
import { DRY_RUN } from '../access/takes.js';
import { type Answer, NO_CONTENT, ok } from '../answer/answer.js';

export const savedAnswer = (type: string, { id, version, created, document }: Saved): Answer => ({
  status: created ? 201 : 200,
  document,
  headers: { etag: etagOf(version), ...(created ? { location: `/${type}/${id}` } : {}) },
});

export function isDryRun(url: string): boolean {
  const values = readQuery(url).flatMap(([name, value]: QueryParameter) => (name === DRY_RUN ? [value] : []));
  if (values.length === 0) return false;
  const [value] = values;
  if (values.length > 1 || (value !== 'true' && value !== 'false')) {
    throw unreadable(`${DRY_RUN} must be true or false, once`);
  }
  return value === 'true';
}

export const rehearsalAnswer = ({ target, removal, notes }: Rehearsal): Answer =>
  ok({
    dry_run: true,
    deleted: [...(target ? [target] : []), ...removal.deleted],
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
