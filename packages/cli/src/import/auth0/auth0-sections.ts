import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../connection.js';
import { Failure } from '../../failure.js';
import type { Report } from '../report.js';
import { sourceFiles } from '../source-files.js';
import { isEmpty, isObject, listOf } from '../source-object.js';

/** One part of a tenant, under the name that the Deploy CLI's YAML gives it. */
export interface Section {
  name: string;
  items: unknown[];
}

/** The names of the Management API and of the folders. */
const SAME: Readonly<Record<string, string>> = {
  resource_servers: 'resourceServers',
  'resource-servers': 'resourceServers',
  client_grants: 'clientGrants',
  grants: 'clientGrants',
  'client-grants': 'clientGrants',
};

/** The envelope of a page of the Management API. */
const PAGING = ['start', 'limit', 'length', 'total', 'next'];

const sectionName = (name: string): string => SAME[name] ?? name;

export function sectionsOf(path: string, report: Report): Section[] {
  const yaml = join(path, 'tenant.yaml');
  const { documents, others } = sourceFiles(existsSync(yaml) ? yaml : path);
  const found = documents.flatMap(({ path: file, value }) => {
    const folder = /^([^/\\]+)[/\\]/.exec(file)?.[1];
    if (file !== path && folder !== undefined && !existsSync(yaml)) {
      return [{ name: sectionName(folder), items: [value] }];
    }
    if (file === 'tenant.json') return [{ name: 'tenant', items: [value] }];
    return partsOf(value, file, report);
  });
  return others.length > 0 ? [...found, ...filesAsSections(others)] : found;
}

/** Code and pages beside the data. */
function filesAsSections(files: readonly string[]): Section[] {
  return files.map((file) => ({
    name: sectionName(file.split(/[/\\]/)[0] as string),
    items: [{ name: file }],
  }));
}

function partsOf(value: unknown, file: string, report: Report): Section[] {
  if (Array.isArray(value)) return [{ name: kindOf(value, file), items: value }];
  if (!isObject(value)) throw new Failure(`${file} contains no object`);
  if (typeof value.client_id === 'string' || typeof value.identifier === 'string') {
    return [{ name: kindOf([value], file), items: [value] }];
  }
  assertWhole(value, file);
  for (const name of PAGING.filter((each) => each in value)) {
    report.add({ object: file, member: name, outcome: 'imported', detail: 'paging' });
  }
  return Object.entries(value)
    .filter(([name]) => !PAGING.includes(name))
    .map(([name, part]) => ({ name: sectionName(name), items: isEmpty(part) ? [] : listOr(part) }));
}

const listOr = (part: unknown): unknown[] => (Array.isArray(part) ? part : [part]);

/** A page that is not the last would lose the others unnoticed. */
function assertWhole(value: JsonObject, file: string): void {
  const { total, next, start = 0 } = value;
  const part = Object.entries(value).find(([name, items]) => !PAGING.includes(name) && Array.isArray(items));
  const count = listOf(part?.[1]).length;
  if ((typeof total === 'number' && Number(start) === 0 && total > count) || (isObject(value) && next)) {
    throw new Failure(
      `${file} contains only a part (${count} of ${total ?? 'more'}): fetch all pages into one list`,
    );
  }
}

function kindOf(items: readonly unknown[], file: string): string {
  const [first] = items.filter(isObject);
  if (!first) return 'clients';
  if ('identifier' in first) return 'resourceServers';
  if ('audience' in first && 'client_id' in first) return 'clientGrants';
  if ('client_id' in first || 'app_type' in first) return 'clients';
  throw new Failure(`${file} contains neither clients nor resource servers nor client grants of Auth0`);
}
