import type { ImportedDocuments } from '../imported.js';
import { ID_SYNTAX, isId, MAX_DESCRIPTION_CHARACTERS } from '../limits.js';
import type { Reason } from '../report.js';
import { identity, reference, unsupported } from '../source.js';
import { isObject, listOf, type SourceObject } from '../source-object.js';

/** Conditions on requests of Aidbox, which only Aidbox can judge. */
const CONDITIONS = [
  'matcho',
  'json-schema',
  'sql',
  'complex',
  'clj',
  'allow-rpc',
  'matcho-rpc',
  'signed-rpc',
];

/** A policy that allows clients everything; others depend on requests to Aidbox. */
export function readPolicy(object: SourceObject, documents: ImportedDocuments): void {
  const linked = clientsOf(object);
  const link = linked.filter((id) => documents.has('Client', id));
  const refusal = refusalOf(object, link, documents);
  if (refusal) {
    object.refuse(refusal);
    return;
  }
  const id = object.peek('id') as string;
  object.imported('resourceType');
  object.imported('id');
  object.changed('engine', 'allow: every registered resource, but not the administration of this server');
  object.changed('meta', 'the server counts versions itself');
  const description = object.text('description', MAX_DESCRIPTION_CHARACTERS);
  if (link.length === listOf(object.peek('link')).length) object.imported('link');
  else object.lost('link', reference('only links to clients that are imported'));
  object.end({ module: unsupported('modules of Aidbox'), source: unsupported('modules of Aidbox') });
  const body = {
    engine: 'allow',
    ...(description === undefined ? {} : { description }),
    link: link.map((each) => ({ resourceType: 'Client', id: each })),
  };
  documents.add({ type: 'AccessPolicy', id, body, origin: object.name });
}

function refusalOf(
  object: SourceObject,
  link: readonly string[],
  documents: ImportedDocuments,
): Reason | undefined {
  const engine = object.peek('engine');
  const id = object.peek('id');
  if (CONDITIONS.includes(String(engine)) || !isOnlyAllow(object)) {
    return unsupported(`engine ${engine}: conditions on requests; write what it permits as rules`);
  }
  if (link.length === 0) return reference('is not linked to a client that is imported');
  if (!isId(id)) return identity(`the id must be ${ID_SYNTAX}`);
  return documents.has('AccessPolicy', id) ? identity('the id occurs twice') : undefined;
}

/** A condition beside the engine would be lost. */
const isOnlyAllow = (object: SourceObject): boolean =>
  object.peek('engine') === 'allow' &&
  ['and', 'or', 'matcho', 'schema', 'sql', 'clj', 'rpc', 'roleName'].every(
    (name) => object.peek(name) === undefined,
  );

/** Of `{resourceType: Client, id}` and of `{reference: Client/id}`. */
function clientsOf(object: SourceObject): string[] {
  return listOf(object.peek('link'))
    .filter(isObject)
    .flatMap(({ resourceType, id, reference: path }) => {
      if (resourceType === 'Client' && typeof id === 'string') return [id];
      const [, referred] = /^\/?Client\/([^/]+)$/.exec(String(path ?? '')) ?? [];
      return referred === undefined ? [] : [referred];
    });
}
