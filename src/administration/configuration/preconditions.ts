import { Problem, stale } from '../../protocol/problem.js';
import { etagOf } from '../documents/meta.js';
import { namesTag } from './entity-tag.js';

export interface PreconditionHeaders {
  'if-match'?: string | undefined;
  'if-none-match'?: string | undefined;
}

/** If-Match and If-None-Match of a write (RFC 9110 13.1). */
export class Preconditions {
  constructor(private readonly headers: PreconditionHeaders) {}

  /** Throws 412 if the request requires another version than the current one; null: it does not exist. */
  assertHold(version: number | null): void {
    const { 'if-match': match, 'if-none-match': noneMatch } = this.headers;
    if (match !== undefined && !names(match, version)) throw stale(match);
    if (noneMatch !== undefined && names(noneMatch, version)) {
      throw new Problem(412, 'Precondition Failed', 'a resource that matches If-None-Match already exists');
    }
  }
}

const names = (tags: string, version: number | null): boolean =>
  version !== null && namesTag(tags, etagOf(version));
