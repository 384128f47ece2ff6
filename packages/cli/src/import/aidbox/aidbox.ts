import type { JsonObject } from '../../connection.js';
import { Failure } from '../../failure.js';
import type { ImportedDocuments } from '../imported.js';
import type { Report } from '../report.js';
import { SIGN_IN, unsupported } from '../source.js';
import { sourceFiles } from '../source-files.js';
import { SourceObject } from '../source-object.js';
import { readClient } from './aidbox-clients.js';
import { readPolicy } from './aidbox-policies.js';
import { resourcesOf } from './aidbox-resources.js';

const OF_PEOPLE = ['User', 'Role', 'Session', 'IdentityProvider', 'TokenIntrospector', 'Grant', 'AuthConfig'];

/** Aidbox: bundles, lists, NDJSON or YAML of its resources. */
export function importAidbox(paths: readonly string[], report: Report, documents: ImportedDocuments): void {
  const resources = paths
    .flatMap((path) => sourceFiles(path).documents)
    .flatMap(({ path, value }) => resourcesOf(value, path, report));
  if (resources.length === 0) throw new Failure(`${paths.join(', ')}: no resource of Aidbox`);
  const of = (type: string) => resources.filter(({ resourceType }) => resourceType === type);
  for (const resource of of('Client')) readClient(sourceOf(resource, report), documents);
  for (const resource of of('AccessPolicy')) readPolicy(sourceOf(resource, report), documents);
  for (const resource of resources) {
    const { resourceType: type } = resource;
    if (type === 'Client' || type === 'AccessPolicy') continue;
    const reason = OF_PEOPLE.includes(String(type)) ? SIGN_IN : unsupported('a resource of Aidbox itself');
    sourceOf(resource, report).refuse(reason);
  }
}

const sourceOf = (resource: JsonObject, report: Report): SourceObject =>
  new SourceObject(report, `${resource.resourceType}/${resource.id}`, resource);
