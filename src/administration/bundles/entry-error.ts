import { BearerError } from '../../protocol/bearer-error.js';
import { Problem } from '../../protocol/problem.js';
import { itemPath } from '../documents/member-path.js';
import type { BundleEntry } from './bundle.dto.js';

/** The error of one entry, as the error of its Bundle. */
export function errorAtEntry(error: unknown, entry: BundleEntry): unknown {
  const { position, method, type, id } = entry;
  if (entry.isAlone) return error;
  const place = itemPath('entry', position);
  const name = `${place} (${method} ${id === undefined ? type : `${type}/${id}`})`;
  if (error instanceof Problem) {
    const errors = error.errors.map(({ path, message }) => ({
      path: `${place}.resource${path.startsWith('[') ? '' : '.'}${path}`,
      message,
    }));
    const detail = errors.length > 0 ? error.detail : `${name}: ${error.detail}`;
    return new Problem(error.status, error.title, detail, errors, { ...error.members, entry: position });
  }
  if (error instanceof BearerError && error.status === 403) {
    return new BearerError(
      error.code,
      error.status,
      `${name}: ${error.description}`,
      error.scope,
      error.resourceMetadata,
      error.explanation,
    );
  }
  return error;
}
