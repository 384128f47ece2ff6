import type { JsonObject } from '../../connection.js';
import { Failure } from '../../failure.js';
import { Catalog } from '../catalog.js';
import type { ImportedDocuments } from '../imported.js';
import type { Report } from '../report.js';
import type { ImportOptions } from '../source.js';
import { sourceFiles } from '../source-files.js';
import { isObject, SourceObject } from '../source-object.js';
import { isMachine, readClient } from './hydra-clients.js';
import { parsed } from './hydra-values.js';

const DEFAULT_AUDIENCE = 'urn:hydra';

/** Hydra: lists of clients, of the command line or the API, or rows of the table of clients. */
export function importHydra(
  paths: readonly string[],
  report: Report,
  documents: ImportedDocuments,
  { audience }: ImportOptions,
): void {
  const objects = paths
    .flatMap((path) => sourceFiles(path).documents)
    .flatMap(({ path, value }) => clientsOf(value, path, report))
    .map(withoutText);
  const catalog = new Catalog();
  const clientIds = new Set(objects.filter(isMachine).map(idOf));
  for (const object of objects) {
    const client = new SourceObject(report, `clients/${idOf(object)}`, object);
    readClient(client, documents, {
      catalog,
      audience: audience ?? DEFAULT_AUDIENCE,
      // Ids of clients and audiences are one namespace.
      audienceOf: (name) => (clientIds.has(name) ? `${DEFAULT_AUDIENCE}:${name}` : name),
    });
  }
  catalog.write(documents, 'clients');
}

/** The table has lists and objects as JSON in text. */
const withoutText = (client: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(client).map(([name, value]) =>
      typeof value === 'string' && /^[[{]/.test(value) ? [name, parsed(value) ?? value] : [name, value],
    ),
  );

/** The table calls the id of a client `id`. */
const idOf = ({ client_id: clientId, id }: JsonObject): string => String(clientId ?? id);

function clientsOf(value: unknown, file: string, report: Report): JsonObject[] {
  if (isObject(value) && Array.isArray(value.items)) return pageOf(value, file, report);
  const objects = (Array.isArray(value) ? value : [value]).filter(isObject);
  if (objects.length > 0 && objects.every((object) => 'grant_types' in object || 'client_id' in object)) {
    return objects;
  }
  throw new Failure(`${file} contains no clients of Hydra`);
}

/** The output of `hydra list clients`. */
function pageOf(
  { items, next_page_token: next, ...rest }: JsonObject,
  file: string,
  report: Report,
): JsonObject[] {
  if (typeof next === 'string' && next !== '') {
    throw new Failure(`${file} is one page of several: list with a page size that takes all clients`);
  }
  const page = new SourceObject(report, file, { ...rest, next_page_token: next });
  page.imported('is_last_page', 'paging');
  page.end();
  return (items as unknown[]).filter(isObject);
}
