import { maskedAll, maskedInAscii } from '../../packages/protocol/src/masked.js';
import { isId } from './identifier.js';

/** An invalid member of a request: its path, such as `rules[0].operations[1]`, and what is wrong. */
export interface Fault {
  path: string;
  message: string;
}

/** A response in the form of RFC 9457; domain modules throw it, the filter of the administration API writes it. */
export class Problem extends Error {
  readonly detail: string;
  readonly errors: readonly Fault[];
  /** Further members of the document (RFC 9457 3.2), such as the policies that still name a resource. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(
    readonly status: number,
    readonly title: string,
    detail: string,
    errors: readonly Fault[] = [],
    members: Readonly<Record<string, unknown>> = {},
  ) {
    super(`${title}: ${maskedInAscii(detail)}`);
    this.detail = maskedInAscii(detail);
    this.errors = (maskedAll(listed(errors), maskedInAscii) as Fault[]).map(({ path, message }) => ({
      path: shortened(path),
      message: shortened(message),
    }));
    this.members = maskedAll(members, maskedInAscii) as Record<string, unknown>;
  }
}

export const unreadable = (detail: string, errors: readonly Fault[] = []) =>
  new Problem(
    400,
    'The request cannot be read',
    listed(errors).length < errors.length
      ? `${detail}; \`errors\` lists the first ${listed(errors).length} of ${counted(errors)}`
      : detail,
    errors,
  );

/** Names the id if it could be one. */
export const notFound = (what: string, id?: string) =>
  new Problem(404, 'Not Found', isId(id) ? `there is no ${what} ${id}` : `there is no ${what} with this id`);

export const conflict = (detail: string, members: Record<string, unknown> = {}) =>
  new Problem(409, 'Conflict', detail, [], members);

/** RFC 9110 8.8.3 and 13.1.1. */
const ENTITY_TAGS = /^\s*(?:\*|(?:W\/)?"[^"]*"(?:\s*,\s*(?:W\/)?"[^"]*")*)\s*$/;

export const stale = (ifMatch: string) =>
  new Problem(
    412,
    'Precondition Failed',
    ENTITY_TAGS.test(ifMatch)
      ? 'the resource is not at the version that If-Match names'
      : 'If-Match is malformed: it must be an ETag in double quotes, such as "3", or *',
  );

const MAX_ERRORS = 500;

/** A body of half a megabyte can contain a hundred thousand faults. */
export const MAX_COUNTED_ERRORS = 2000;

/** In all errors and in each text, which may repeat the request. */
const MAX_ERROR_CHARACTERS = 64 * 1024;
const MAX_ERROR_TEXT_CHARACTERS = 1000;

const shortened = (text: string): string =>
  text.length > MAX_ERROR_TEXT_CHARACTERS ? `${text.slice(0, MAX_ERROR_TEXT_CHARACTERS)}...` : text;

const counted = (errors: readonly Fault[]): string =>
  errors.length < MAX_COUNTED_ERRORS ? String(errors.length) : `${MAX_COUNTED_ERRORS} or more`;

/** The first errors, within both limits. */
function listed(errors: readonly Fault[]): readonly Fault[] {
  let characters = 0;
  const isWithin = ({ path, message }: Fault): boolean => {
    characters += shortened(path).length + shortened(message).length;
    return characters <= MAX_ERROR_CHARACTERS;
  };
  const beyond = errors.slice(0, MAX_ERRORS).findIndex((error) => !isWithin(error));
  return errors.slice(0, beyond < 0 ? MAX_ERRORS : beyond);
}

export const wrongMembers = (errors: readonly Fault[]) =>
  new Problem(
    422,
    'Some members are invalid',
    listed(errors).length < errors.length
      ? `nothing was changed; \`errors\` lists the first ${listed(errors).length} of ${counted(errors)} invalid members`
      : 'nothing was changed; `errors` lists every invalid member',
    errors,
  );

/** Throws if there is any fault; callers collect all of them first. */
export function assertNoFaults(errors: readonly Fault[]): void {
  if (errors.length > 0) throw wrongMembers(errors);
}
