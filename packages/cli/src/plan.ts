import { isOwnType } from '../../protocol/src/own-type.js';
import type { Connection, JsonObject } from './connection.js';
import { canonical, nameOf, TYPES, type TypeName, type Wanted } from './documents.js';
import { Failure, failureOf } from './failure.js';

export type Action = 'create' | 'change' | 'delete';

export const CHANGED_MEANWHILE =
  'nothing was applied: the configuration was changed meanwhile; run plan again';

/** A difference between the folder and the server. */
export interface Change {
  action: Action;
  type: TypeName;
  id: string;
  /** Canonical documents, without secrets. */
  before?: JsonObject;
  after?: JsonObject;
}

export interface Plan {
  changes: Change[];
  unchanged: number;
  /** The Bundle that makes the changes, on condition that nothing changes meanwhile; absent if there are none. */
  bundle?: JsonObject;
}

/** Which documents outside the folder are deleted: clients with all of these labels. */
export type Selector = ReadonlyMap<string, string>;

interface Stored {
  document: JsonObject;
  etag: string;
}

/** Reads the documents of the server, and lets it check the changes of the folder. */
export async function planOf(server: Connection, wanted: readonly Wanted[], prune?: Selector): Promise<Plan> {
  const stored = await storedOn(server);
  const victims = prune ? victimsOf(stored, wanted, prune) : [];
  const entries = [
    ...wanted.map((one) => ({
      type: one.type,
      id: one.id,
      action: 'write' as const,
      body: stored.has(nameOf(one)) ? withoutHash(one.body) : one.body,
    })),
    ...victims.map((one) => ({ ...one, action: 'delete' as const, body: undefined })),
  ];
  if (entries.length === 0) return { changes: [], unchanged: 0 };
  const requests = entries.map(({ type, id, action, body }) => ({
    ...(body === undefined ? {} : { resource: body }),
    request: {
      method: action === 'delete' ? 'DELETE' : 'PUT',
      url: `${type}/${id}`,
      ...conditionOf(stored.get(nameOf({ type, id }))),
    },
  }));
  const judged = await dryRun(server, requests, entries, wanted);
  const changes = entries.flatMap((entry, position) =>
    changeOf(entry, judged[position] as JudgedEntry, stored.get(nameOf(entry))),
  );
  const sent = requests.filter((_, position) => judged[position]?.response.outcome !== 'unchanged');
  return {
    changes,
    unchanged: entries.length - changes.length,
    ...(sent.length > 0 ? { bundle: { type: 'transaction', entry: sent } } : {}),
  };
}

/** A hash begins the life of a client: one that exists has its secret already. */
function withoutHash({ secret_hash: _, ...body }: JsonObject): JsonObject {
  return body;
}

const conditionOf = (stored: Stored | undefined): JsonObject =>
  stored ? { ifMatch: stored.etag } : { ifNoneMatch: '*' };

/** Everything that a folder can contain, by name; the server's own types are not configuration. */
export async function storedOn(server: Connection): Promise<Map<string, Stored>> {
  const stored = new Map<string, Stored>();
  for (const type of TYPES) {
    for (const document of await server.all(type)) {
      const id = String(document.id);
      if (type === 'Resource' && isOwnType(id)) continue;
      const { versionId } = document.meta as { versionId: string };
      stored.set(nameOf({ type, id }), { document: canonical(document), etag: `"${versionId}"` });
    }
  }
  return stored;
}

function victimsOf(stored: ReadonlyMap<string, Stored>, wanted: readonly Wanted[], selector: Selector) {
  const kept = new Set(wanted.map(nameOf));
  return [...stored].flatMap(([name, { document }]) => {
    const labels = (document.labels ?? {}) as Record<string, string>;
    const isSelected = [...selector].every(([label, value]) => labels[label] === value);
    if (kept.has(name) || !isSelected) return [];
    return [{ type: document.resourceType as TypeName, id: String(document.id) }];
  });
}

interface JudgedEntry {
  resource?: JsonObject;
  response: { outcome: 'created' | 'changed' | 'unchanged' | 'deleted' };
}

async function dryRun(
  server: Connection,
  entry: JsonObject[],
  entries: readonly { type: TypeName; id: string }[],
  wanted: readonly Wanted[],
): Promise<JudgedEntry[]> {
  const { status, body } = await server.attempt('POST', '/?_dryRun=true', { type: 'transaction', entry });
  if (status < 400) return body.entry as unknown as JudgedEntry[];
  if (status === 412) throw new Failure(CHANGED_MEANWHILE);
  const at = entries[Number(body.entry)];
  const file = at && wanted.find((one) => nameOf(one) === nameOf(at))?.file;
  const failure = failureOf(
    status,
    at ? `${file ?? 'the server'}: ${nameOf(at)}` : 'the configuration',
    body,
  );
  throw new Failure(failure.message.replaceAll(/\bentry\[\d+\]\.resource\./g, ''));
}

function changeOf(
  { type, id }: { type: TypeName; id: string },
  { resource, response: { outcome } }: JudgedEntry,
  stored: Stored | undefined,
): Change[] {
  if (outcome === 'unchanged') return [];
  const action = outcome === 'created' ? 'create' : outcome === 'changed' ? 'change' : 'delete';
  return [
    {
      action,
      type,
      id,
      ...(stored ? { before: stored.document } : {}),
      ...(resource ? { after: canonical(resource) } : {}),
    },
  ];
}
