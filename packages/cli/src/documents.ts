import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { dump, loadAll } from 'js-yaml';
import type { JsonObject } from './connection.js';
import { Failure } from './failure.js';

/** The documents of a folder of configuration, in the order in which they are written. */
export const TYPES = ['TrustedIssuer', 'Client', 'Resource', 'AccessPolicy'] as const;

export type TypeName = (typeof TYPES)[number];

/** A document of the folder. */
export interface Wanted {
  type: TypeName;
  id: string;
  /** Without the members of the file that name it. */
  body: JsonObject;
  file: string;
}

export const isType = (name: unknown): name is TypeName => TYPES.some((type) => type === name);

export const nameOf = ({ type, id }: { type: string; id: string }): string => `${type}/${id}`;

/** Written by the server only. */
const SERVER_WRITTEN = ['meta', 'secrets', 'last_uses'];

/** The members that a folder contains: sorted by name, after type and id. */
export function canonical(document: JsonObject): JsonObject {
  const { resourceType, id, ...rest } = document;
  const members = Object.entries(rest).filter(([name]) => !SERVER_WRITTEN.includes(name));
  return { resourceType, id, ...(sorted(Object.fromEntries(members)) as JsonObject) };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([name, member]) => [name, sorted(member)]));
}

export const asYaml = (document: JsonObject): string => dump(document, { lineWidth: 120, noRefs: true });

/** Every document in the YAML and JSON files of a folder and the folders in it. Throws with all that is wrong. */
export function readFolder(folder: string): Wanted[] {
  const faults: string[] = [];
  const wanted: Wanted[] = [];
  const files = new Map<string, string>();
  for (const file of filesIn(folder)) {
    for (const document of documentsIn(file, faults)) {
      const one = wantedOf(document, file, faults);
      if (!one) continue;
      const first = files.get(nameOf(one));
      if (first !== undefined) faults.push(`${file}: ${nameOf(one)} is also in ${first}`);
      files.set(nameOf(one), file);
      wanted.push(one);
    }
  }
  if (faults.length > 0) throw new Failure(faults.join('\n'));
  return wanted;
}

function filesIn(folder: string): string[] {
  let names: string[];
  try {
    names = statSync(folder).isDirectory() ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
    if (!statSync(folder).isDirectory()) return [folder];
  } catch {
    throw new Failure(`${folder} cannot be read`);
  }
  return names
    .filter((name) => /\.(ya?ml|json)$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

function documentsIn(file: string, faults: string[]): unknown[] {
  try {
    return loadAll(readFileSync(file, 'utf8')).filter(
      (document) => document !== null && document !== undefined,
    );
  } catch (error) {
    faults.push(`${file}: ${(error as Error).message.split('\n')[0]}`);
    return [];
  }
}

function wantedOf(document: unknown, file: string, faults: string[]): Wanted | undefined {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    faults.push(`${file}: a document must be an object`);
    return undefined;
  }
  const { resourceType: type, id, ...members } = document as JsonObject;
  if (!isType(type)) {
    faults.push(`${file}: resourceType must be one of ${TYPES.join(', ')}`);
    return undefined;
  }
  if (typeof id !== 'string') {
    faults.push(`${file}: a ${type} has no id`);
    return undefined;
  }
  for (const [member, reference] of SECRETS) {
    if (!(member in members)) continue;
    faults.push(
      `${file}: ${type}/${id} contains a ${member}: use ${reference}: env:NAME or ${reference}: file:PATH`,
    );
    return undefined;
  }
  const body = SECRETS.reduce(
    (read, names) => withSecret(read, names, `${file}: ${type}/${id}`, faults),
    members,
  );
  return { type, id, body, file };
}

/** Members that a file only refers to, and the references. */
const SECRETS = [
  ['secret', 'secretRef'],
  ['secret_hash', 'secretHashRef'],
] as const;

/** A secret is only referred to: `env:NAME` or `file:PATH`. */
function withSecret(
  members: JsonObject,
  [member, reference]: (typeof SECRETS)[number],
  place: string,
  faults: string[],
): JsonObject {
  const { [reference]: target, ...rest } = members;
  if (target === undefined) return rest;
  const [, kind, name] = (typeof target === 'string' && /^(env|file):(.+)$/.exec(target)) || [];
  if (kind === undefined || name === undefined) {
    faults.push(`${place}: ${reference} must be env:NAME or file:PATH`);
    return rest;
  }
  const secret = kind === 'env' ? process.env[name] : secretIn(name);
  if (secret === undefined || secret === '') {
    faults.push(
      `${place}: ${reference} ${target} ${kind === 'env' ? 'is not set' : 'cannot be read, or is empty'}`,
    );
    return rest;
  }
  return { ...rest, [member]: secret };
}

function secretIn(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch {
    return undefined;
  }
}
