import type { ConfigurationTypeName } from '../configuration/configuration-audit.js';
import type { ConfigurationType } from '../configuration/configuration-type.js';
import type { Removal } from '../configuration/removal.js';
import type { JsonObject } from '../documents/merge-patch.js';
import type { Stored } from '../documents/stored.js';
import type { BundleEntry } from './bundle.dto.js';

/** Documents of a Bundle that are read by one query. */
const MAX_READ_AT_ONCE = 100;

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

export const nameOf = ({ type, id }: PreparedEntry): string => `${type.name}/${id}`;

/**
 * The stored documents of this entry and of those after it that can be read together, null if there is none: of one type, whose
 * writes change no other document of theirs. A deletion does, and is read alone.
 */
export async function storedOf(
  entries: readonly PreparedEntry[],
  at: number,
): Promise<Map<string, Stored | null>> {
  const first = entries[at] as PreparedEntry;
  const { type } = first;
  const isAlone = first.entry.method === 'DELETE';
  const some = entries.slice(at, at + (isAlone ? 1 : MAX_READ_AT_ONCE));
  const end = some.findIndex(
    (other) => other.type !== type || (other !== first && other.entry.method === 'DELETE'),
  );
  const together = end === -1 ? some : some.slice(0, end);
  const found = await type.findMany(together.map(({ id }) => id));
  const byId = new Map(found.map((document) => [document.id, document]));
  return new Map(together.map((entry) => [nameOf(entry), byId.get(entry.id) ?? null]));
}
