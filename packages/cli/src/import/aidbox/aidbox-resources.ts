import type { JsonObject } from '../../connection.js';
import { Failure } from '../../failure.js';
import type { Report } from '../report.js';
import { isObject, listOf, SourceObject } from '../source-object.js';

/** The resources of a Bundle, of a list, or one alone. */
export function resourcesOf(value: unknown, file: string, report: Report): JsonObject[] {
  if (Array.isArray(value)) return value.flatMap((item) => resourcesOf(item, file, report));
  if (!isObject(value)) throw new Failure(`${file} contains something other than resources of Aidbox`);
  const isBundle =
    value.resourceType === 'Bundle' || (Array.isArray(value.entry) && value.resourceType === undefined);
  if (!isBundle) {
    if (typeof value.resourceType === 'string') return [value];
    // One entry of a Bundle, as init bundles from folders have them.
    if (isObject(value.resource) && isObject(value.request)) return resourceOf(value, file, report);
    throw new Failure(`${file} contains an object without resourceType`);
  }
  const { entry, ...members } = value;
  assertWhole(value, file);
  const bundle = new SourceObject(report, file, members);
  for (const member of Object.keys(members)) bundle.imported(member, 'of the Bundle');
  return listOf(entry)
    .filter(isObject)
    .flatMap((each, at) => resourceOf(each, `${file}/entry/${at}`, report));
}

/** A page that is not the last would lose the others unnoticed. */
function assertWhole({ type, total, entry }: JsonObject, file: string): void {
  const count = listOf(entry).length;
  if (type === 'searchset' && typeof total === 'number' && total > count) {
    throw new Failure(`${file} contains only ${count} of ${total} resources: ask with _count=${total}`);
  }
}

/** An entry that writes a resource; its URL completes the resource type and id. */
function resourceOf({ resource, request }: JsonObject, name: string, report: Report): JsonObject[] {
  const { method = 'PUT', url = '' } = isObject(request) ? request : {};
  const isWrite = method === 'PUT' || method === 'POST' || (method === 'GET' && isObject(resource));
  if (!isWrite || !isObject(resource)) {
    const detail = `${method} ${url}: only resources that are written are imported`;
    report.add({ object: name, outcome: 'not_imported', group: 'unsupported', detail });
    return [];
  }
  const [, type, id] = /^\/?([A-Za-z]+)(?:\/([^/?]+))?/.exec(String(url)) ?? [];
  return [{ resourceType: type, ...(id === undefined ? {} : { id }), ...resource }];
}
