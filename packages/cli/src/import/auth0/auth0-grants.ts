import type { ImportedDocuments } from '../imported.js';
import { idFrom, isId } from '../limits.js';
import type { Reason } from '../report.js';
import { reference, SIGN_IN, unsupported } from '../source.js';
import { type SourceObject, textsOf } from '../source-object.js';

/** Imported objects, by the names under which grants refer to them. */
export interface Known {
  /** Ids of clients, by id and by name: the Deploy CLI exports grants with names. */
  clients: Map<string, string>;
  /** By identifier. */
  resources: Map<string, { id: string; operations: ReadonlySet<string> }>;
}

export const KEYWORD: Reason = {
  group: 'keyword',
  why: 'contains a keyword of the Deploy CLI: replace it, or export without AUTH0_PRESERVE_KEYWORDS',
};

export const hasKeyword = (value: unknown): boolean =>
  typeof value === 'string' && /##\w+##|@@\w+@@/.test(value);

/** A client grant: an AccessPolicy that allows the client its scopes. */
export function readGrant(object: SourceObject, documents: ImportedDocuments, known: Known): void {
  const [client, audience] = [object.peek('client_id'), object.peek('audience')];
  const clientId = typeof client === 'string' ? known.clients.get(client) : undefined;
  const resource = typeof audience === 'string' ? known.resources.get(audience) : undefined;
  const operations = resource ? operationsOf(object, resource.operations) : [];
  if (clientId === undefined || !resource || operations.length === 0) {
    object.refuse(refusalOf(object, clientId, resource));
    return;
  }
  accountForScopes(object, operations);
  object.imported('client_id');
  object.imported('audience');
  const given = object.peek('id');
  const isFree = isId(given) && !documents.has('AccessPolicy', given);
  const id = isFree
    ? given
    : idFrom(`${clientId}-${resource.id}`, (each) => documents.has('AccessPolicy', each));
  if (isFree) object.imported('id');
  object.changed('id', `the id of the AccessPolicy is ${id}`);
  object.imported('subject_type');
  object.end({
    organization_usage: SIGN_IN,
    allow_any_organization: SIGN_IN,
    is_system: SIGN_IN,
    default_for: SIGN_IN,
    authorization_details_types: unsupported('rich authorization requests are not supported'),
  });
  const body = {
    engine: 'rules',
    link: [{ resourceType: 'Client', id: clientId }],
    rules: [{ effect: 'allow', resource: resource.id, identifier: '*', operations }],
  };
  documents.add({ type: 'AccessPolicy', id, body, origin: object.name });
}

function refusalOf(object: SourceObject, clientId: string | undefined, resource: object | undefined): Reason {
  if (object.peek('subject_type') === 'user') return SIGN_IN;
  if (clientId === undefined) return reference('its client is not imported');
  return resource
    ? unsupported('grants no scope that the API has; a token of Latchkey for an API has one at least')
    : reference('its API is not imported');
}

function operationsOf(object: SourceObject, known: ReadonlySet<string>): string[] {
  if (object.peek('subject_type') === 'user') return [];
  if (object.peek('allow_all_scopes') === true) return ['*'];
  return [...new Set(textsOf(object.peek('scope')))].filter((scope) => known.has(scope));
}

function accountForScopes(object: SourceObject, operations: readonly string[]): void {
  const others = textsOf(object.peek('scope')).filter((scope) => !operations.includes(scope));
  if (object.peek('allow_all_scopes') === true) {
    object.changed('allow_all_scopes', 'every operation: *');
    object.changed('scope', 'included in every operation');
  } else if (others.length === 0) object.changed('scope', 'the operations of a rule');
  else object.lost('scope', reference(`the API has no scope ${others.join(', ')}; the others are imported`));
}
