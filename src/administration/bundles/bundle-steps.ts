import type { ConfigurationTypeName } from '../configuration/configuration-audit.js';
import type { ConfigurationType } from '../configuration/configuration-type.js';
import type { Removal } from '../configuration/removal.js';
import type { JsonObject } from '../documents/merge-patch.js';
import type { Stored } from '../documents/stored.js';
import type { BundleEntry } from './bundle.dto.js';

export type AnyType = ConfigurationType<Stored, unknown>;

/** An entry with its preparation before the transaction. */
export interface PreparedEntry {
  entry: BundleEntry;
  type: AnyType;
  id: string;
  prepared: unknown;
}

/** The outcome of an entry. */
export interface EntryOutcome {
  position: number;
  type: ConfigurationTypeName;
  id: string;
  kind: 'created' | 'changed' | 'unchanged' | 'deleted';
  /** Absent after a deletion. */
  stored?: Stored;
  /** The document as the caller may see it, with members that only this response contains; absent after a deletion. */
  document?: JsonObject;
  /** Documents that were deleted or changed with it. */
  removal: Removal;
}

/** An entry that was carried out. */
export type Step = Omit<EntryOutcome, 'document'> & { prepared: PreparedEntry };

/** The permission that a caller needs. */
export const operationOf = (method: BundleEntry['method'], current: Stored | null) => {
  if (method === 'DELETE') return 'delete';
  if (method === 'PATCH') return 'update';
  return method === 'POST' || !current ? 'create' : 'update';
};

/** Documents before those that refer to them, and in reverse order for deletions. */
export function inOrder(
  entries: readonly PreparedEntry[],
  types: readonly ConfigurationTypeName[],
): PreparedEntry[] {
  const rank = ({ entry: { type, method } }: PreparedEntry) =>
    method === 'DELETE' ? 2 * types.length - types.indexOf(type) : types.indexOf(type);
  return [...entries].sort((one, other) => rank(one) - rank(other));
}
